package org.equipoise.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.equipoise.core.WrongUseException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of all commands, and the options that every one of them takes. */
@Command(
    name = "equipoise",
    description =
        "Judges posts by their text and image, and keeps one modality from silencing the other.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    subcommands = {
      DataCommand.class,
      EncodeCommand.class,
      QuickstartCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ModelsCommand.class,
      BenchCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
final class Equipoise {
  @Option(
      names = "--quiet",
      scope = ScopeType.INHERIT,
      description = "No progress; answers and failures alone.")
  private boolean quiet;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where in the program a failure arose.")
  private boolean debug;

  /** More than any machine has cores; beyond, a typing error would exhaust the system. */
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--threads",
      paramLabel = "n",
      scope = ScopeType.INHERIT,
      description = "How many threads may compute (default: the cores that are free).")
  private Integer threads;

  private final Console console;

  Equipoise(Console console) {
    this.console = console;
  }

  /** Runs one command and gives its exit code. It closes neither stream. */
  static int run(Console console, String... arguments) {
    Equipoise root = new Equipoise(console);
    try {
      // exceptions are reported by the handlers below; what is left are errors of the machine
      return root.commandLine().execute(arguments);
    } catch (Error e) {
      return Failures.report(e, console, root.debug);
    }
  }

  /** All commands, for execution and for the documentation. */
  CommandLine commandLine() {
    CommandLine line = new CommandLine(this);
    // the footer of an annotation would be inherited by every command
    line.getCommandSpec().usageMessage().footer("", "First steps: equipoise quickstart");
    line.setOut(writer(console.out()));
    line.setErr(writer(console.err()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedOptionsAllowed(false);
    line.setUsageHelpAutoWidth(true);
    line.setUsageHelpLongOptionsMaxWidth(28);
    line.setParameterExceptionHandler(
        (failure, arguments) -> Failures.reportUsage(failure, console, debug));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> Failures.report(failure, console, debug));
    return line;
  }

  Console console() {
    return console;
  }

  boolean quiet() {
    return quiet;
  }

  /** As many threads as were asked for, else as there are free cores. */
  int threads() {
    if (threads == null) {
      return FreeCores.count();
    }
    if (threads < 1 || threads > MOST_THREADS) {
      throw new WrongUseException(
          "--threads must be from 1 to %d, not %d".formatted(MOST_THREADS, threads));
    }
    return threads;
  }

  /** Whether the user named a number of threads. */
  boolean threadsGiven() {
    return threads != null;
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
