package org.equipoise.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/** The program's entry: runs one command on the process's own streams. */
public final class Main {
  /** What a shell expects of a program that Ctrl-C or a closed pipe ended. */
  private static final int CLOSED_PIPE = 128 + 13;

  private Main() {}

  public static void main(String[] arguments) {
    // for libraries that read properties, as the launcher sets the environment for those that
    // read that
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("java.awt.headless", "true");

    WatchedOutput written = new WatchedOutput(new FileOutputStream(FileDescriptor.out));
    PrintStream out = new PrintStream(written, false, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    AtomicBoolean finished = new AtomicBoolean();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (!finished.get()) {
                    err.println();
                    err.println(
                        "equipoise: stopped; what was finished is kept, and the same command goes"
                            + " on from there");
                  }
                },
                "stopped"));

    boolean terminal = Boolean.getBoolean("equipoise.terminal");
    int code = Equipoise.run(new Console(out, err, terminal), arguments);
    out.flush();
    finished.set(true);
    if (written.closedByReader()) {
      code = CLOSED_PIPE;
    } else if (written.failure().isPresent()) {
      err.println("equipoise: cannot write the answer: " + written.failure().get().getMessage());
      code = ExitCodes.FAILED;
    }
    // halts threads that native libraries may have left behind
    System.exit(code);
  }
}
