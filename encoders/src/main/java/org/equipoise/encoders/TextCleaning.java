package org.equipoise.encoders;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.text.StringEscapeUtils;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;

/**
 * What is done to a text before any encoder sees it. The steps run in the order of the components;
 * leading and trailing white space always goes.
 *
 * @param newlines the two characters {@code \n} (also {@code \r}, {@code \t}), which published data
 *     sets hold in place of control characters, become spaces
 * @param entities HTML entities such as {@code &amp;} become the characters that they stand for
 * @param urls web addresses
 * @param mentions names of accounts, {@code @} and word characters
 * @param spaces runs of white space become one space
 */
public record TextCleaning(
    boolean newlines, boolean entities, Treatment urls, Treatment mentions, boolean spaces) {

  /** What becomes of a piece of text. */
  public enum Treatment {
    /** It stays as it is. */
    KEEP,
    /** A word takes its place: {@code http} for an address, {@code @user} for a name. */
    REPLACE,
    /** It goes. */
    REMOVE
  }

  private static final List<String> TREATMENTS = List.of("keep", "replace", "remove");
  private static final Setting<Boolean> NEWLINES =
      Setting.bool("newlines", true, "turn the two characters \\n into a space");
  private static final Setting<Boolean> ENTITIES =
      Setting.bool("entities", true, "turn HTML entities into the characters they stand for");
  private static final Setting<String> URLS =
      Setting.choice("urls", "remove", TREATMENTS, "what becomes of web addresses");
  private static final Setting<String> MENTIONS =
      Setting.choice("mentions", "keep", TREATMENTS, "what becomes of @names");
  private static final Setting<Boolean> SPACES =
      Setting.bool("spaces", true, "turn runs of white space into one space");

  /** Every key of the section {@code cleaning} of an encoders' file. */
  public static final Schema SCHEMA = Schema.of(NEWLINES, ENTITIES, URLS, MENTIONS, SPACES);

  private static final Pattern ESCAPED_CONTROL = Pattern.compile("\\\\[nrt]");
  private static final Pattern URL =
      Pattern.compile("(?:https?://|www\\.)\\S+", Pattern.CASE_INSENSITIVE);
  private static final Pattern MENTION = Pattern.compile("@\\w+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  /** The values of a configuration of {@link #SCHEMA}. */
  public static TextCleaning of(Settings settings) {
    return new TextCleaning(
        settings.get(NEWLINES),
        settings.get(ENTITIES),
        treatment(settings.get(URLS)),
        treatment(settings.get(MENTIONS)),
        settings.get(SPACES));
  }

  /** What a stored {@code FeatureSpec} says of it. */
  public static TextCleaning of(Map<String, String> stored, String origin) {
    return of(ConfigMaps.settings(SCHEMA, stored, origin));
  }

  private static Treatment treatment(String word) {
    return Treatment.valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** By name, for the record. */
  public Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put(NEWLINES.key(), Boolean.toString(newlines));
    settings.put(ENTITIES.key(), Boolean.toString(entities));
    settings.put(URLS.key(), urls.name().toLowerCase(Locale.ROOT));
    settings.put(MENTIONS.key(), mentions.name().toLowerCase(Locale.ROOT));
    settings.put(SPACES.key(), Boolean.toString(spaces));
    return settings;
  }

  /** The text that encoders see; blank where nothing is left. */
  public String clean(String text) {
    String cleaned = text;
    if (newlines) {
      cleaned = ESCAPED_CONTROL.matcher(cleaned).replaceAll(" ");
    }
    if (entities && cleaned.indexOf('&') >= 0) {
      cleaned = StringEscapeUtils.unescapeHtml4(cleaned);
    }
    cleaned = treat(cleaned, URL, urls, "http");
    cleaned = treat(cleaned, MENTION, mentions, "@user");
    if (spaces) {
      cleaned = SPACE.matcher(cleaned).replaceAll(" ");
    }
    return cleaned.strip();
  }

  private static String treat(String text, Pattern what, Treatment treatment, String word) {
    return switch (treatment) {
      case KEEP -> text;
      case REPLACE -> what.matcher(text).replaceAll(word);
      case REMOVE -> what.matcher(text).replaceAll(" ");
    };
  }
}
