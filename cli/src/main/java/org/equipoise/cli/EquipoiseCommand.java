package org.equipoise.cli;

import java.util.concurrent.Callable;
import org.equipoise.core.Progress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that does something: it reaches the console and the options that all commands take. */
abstract class EquipoiseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Does the work; a failure is an exception. */
  abstract void run(Console console) throws Exception;

  @Override
  public final Integer call() throws Exception {
    run(root().console());
    return ExitCodes.DONE;
  }

  /** The options given before or behind the command's name. */
  final Equipoise root() {
    return (Equipoise) spec.root().userObject();
  }

  final Progress progress() {
    return root().console().progress(root().quiet());
  }

  final int threads() {
    return root().threads();
  }
}
