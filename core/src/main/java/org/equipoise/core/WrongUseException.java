package org.equipoise.core;

/**
 * Something given by the user does not exist or does not fit: a path, a name, a key, a value. The
 * message says what was wrong, where, and what to do; the command line ends with exit code 2.
 */
public final class WrongUseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WrongUseException(String message) {
    super(message);
  }

  public WrongUseException(String message, Throwable cause) {
    super(message, cause);
  }
}
