package org.equipoise.encoders.hub;

import java.util.Optional;
import org.equipoise.core.WrongUseException;

/** A hub's access token. It can be sent, and nothing else: no text of this class holds it. */
public final class Token {
  private final String value;

  private Token(String value) {
    this.value = value;
  }

  /**
   * The token of a variable or file, without the white space around it; empty if that is all.
   *
   * @param origin where it stands, for the message
   * @throws WrongUseException if it holds what no token and no HTTP header may hold; the message
   *     does not repeat it
   */
  public static Optional<Token> of(String text, String origin) {
    String value = text.replaceAll("[\r\n]", "").strip();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new WrongUseException(
          "the token in " + origin + " holds white space or signs beyond ASCII: set it anew");
    }
    return Optional.of(new Token(value));
  }

  /** The value of the header {@code Authorization}. */
  String authorization() {
    return "Bearer " + value;
  }

  @Override
  public String toString() {
    return "a token";
  }
}
