package org.equipoise.data;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times of day as the data sets write them. What cannot be read is no time, never a guess. */
final class Times {
  /** The year 2100 in seconds: a larger number counts milliseconds. */
  private static final double LATEST_SECOND = 4_102_444_800.0;

  private static final Pattern SPACED_COLON = Pattern.compile("\\s*:\\s*");
  private static final Pattern TWITTER =
      Pattern.compile(
          "\\w{3}\\s+(\\w{3}\\s+\\d{1,2}\\s+\\d\\d:\\d\\d:\\d\\d\\s+[+-]\\d{4}\\s+\\d{4})");
  private static final DateTimeFormatter TWITTER_FORMAT =
      DateTimeFormatter.ofPattern("MMM d HH:mm:ss Z uuuu", Locale.ENGLISH);
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd['T'][' ']HH:mm[:ss][.SSS][XXX][XX][X]");

  private Times() {}

  /** Twitter's {@code Tue Mar 11 23: 59: 22 +0000 2014}, stray spaces included. */
  static Optional<OffsetDateTime> twitter(String text) {
    Matcher matcher = TWITTER.matcher(SPACED_COLON.matcher(text.strip()).replaceAll(":"));
    if (!matcher.matches()) {
      return any(text, ZoneOffset.UTC);
    }
    try {
      String time = matcher.group(1).replaceAll("\\s+", " ");
      return Optional.of(OffsetDateTime.parse(time, TWITTER_FORMAT));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * ISO 8601 with or without offset and time of day, or seconds or milliseconds since 1970.
   *
   * @param zone the offset of times that name none
   */
  static Optional<OffsetDateTime> any(String given, ZoneOffset zone) {
    String text = given.strip();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (text.matches("-?\\d+(\\.\\d+)?([eE]\\d+)?")) {
        double number = Double.parseDouble(text);
        double seconds = Math.abs(number) > LATEST_SECOND ? number / 1000 : number;
        return Optional.of(Instant.ofEpochMilli(Math.round(seconds * 1000)).atOffset(zone));
      }
      if (text.length() == 10) {
        return Optional.of(LocalDate.parse(text).atStartOfDay().atOffset(zone));
      }
      return Optional.of(parseIso(text, zone));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static OffsetDateTime parseIso(String text, ZoneOffset zone) {
    TemporalAccessor parsed;
    try {
      parsed =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(
              text, OffsetDateTime::from, LocalDateTime::from);
    } catch (DateTimeParseException e) {
      parsed = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    }
    return parsed instanceof OffsetDateTime time ? time : ((LocalDateTime) parsed).atOffset(zone);
  }
}
