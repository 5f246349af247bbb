package org.equipoise.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one or two lines on standard error and an exit code. */
final class Failures {
  private Failures() {}

  /** Says what failed; with {@code debug} also where. */
  static int report(Throwable thrown, Console console, boolean debug) {
    Throwable failure = unwrap(thrown);
    console.err().println("equipoise: " + oneLine(describe(failure)));
    if (debug) {
      failure.printStackTrace(console.err());
    }
    return failure instanceof WrongUseException || failure instanceof ParameterException
        ? ExitCodes.WRONG_USE
        : ExitCodes.FAILED;
  }

  /** As {@link #report}, with where help is to be had. */
  static int reportUsage(ParameterException failure, Console console, boolean debug) {
    int code = report(failure, console, debug);
    console
        .err()
        .println("see: " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    return code;
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable failure = thrown;
    while (failure.getCause() != null
        && (failure instanceof ExecutionException
            || failure instanceof CompletionException
            || failure instanceof UncheckedIOException)) {
      failure = failure.getCause();
    }
    return failure;
  }

  private static String describe(Throwable failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    if (failure instanceof WrongUseException || failure instanceof ParameterException) {
      return failure.getMessage();
    }
    if (failure instanceof OutOfMemoryError) {
      return "out of memory (%s): give Java more, such as JAVA_OPTS=-Xmx%dg, or a smaller batch"
          .formatted(failure.getMessage(), Math.max(2, 2 * Runtime.getRuntime().maxMemory() >> 30));
    }
    if (failure instanceof IOException io) {
      return describe(io);
    }
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? "failed unexpectedly (" + failure.getClass().getSimpleName() + "); --debug shows where"
        : message + " (" + failure.getClass().getSimpleName() + "; --debug shows where)";
  }

  private static String describe(IOException failure) {
    String text = String.valueOf(failure.getMessage());
    if (text.toLowerCase(Locale.ROOT).contains("no space left on device")) {
      return "the disk is full ("
          + text
          + "): free some space and run the same command again; what was finished is kept";
    }
    if (failure instanceof FileSystemException file) {
      String reason =
          failure instanceof NoSuchFileException
              ? "there is no such file or folder"
              : failure instanceof AccessDeniedException
                  ? "no permission to read or write it"
                  : failure instanceof NotDirectoryException
                      ? "it is a file, not a folder"
                      : failure instanceof FileAlreadyExistsException
                          ? "it exists and is not what was expected there"
                          : String.valueOf(file.getReason());
      return file.getFile() + ": " + reason;
    }
    if (failure instanceof EOFException) {
      return "a file ended too early: " + text;
    }
    return text;
  }

  private static String unmatched(UnmatchedArgumentException failure) {
    CommandSpec spec = failure.getCommandLine().getCommandSpec();
    String given = failure.getUnmatched().get(0);
    boolean option = given.startsWith("-");
    Collection<String> known = option ? options(spec) : commands(spec);
    if (known.isEmpty()) {
      return "'%s' takes no '%s'".formatted(spec.qualifiedName(), given);
    }
    // an option's value may stand behind its name
    String name = option ? given.replaceFirst("=.*", "") : given;
    return Names.unknown(option ? "option" : "command", name, known).getMessage();
  }

  private static List<String> commands(CommandSpec spec) {
    return spec.subcommands().entrySet().stream()
        .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
        .map(java.util.Map.Entry::getKey)
        .toList();
  }

  private static List<String> options(CommandSpec spec) {
    List<String> names = new ArrayList<>();
    for (CommandLine.Model.OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        names.add(option.longestName());
      }
    }
    return names;
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
  }
}
