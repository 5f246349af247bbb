package org.equipoise.data;

import java.util.List;
import java.util.Random;
import org.equipoise.data.DemoPosts.Scene;

/** Captions put together from phrases. */
final class DemoCaption {
  private static final List<String> OPENINGS =
      List.of(
          "Just in",
          "Breaking",
          "Happening now",
          "Sent to us by a reader",
          "Seen from my window",
          "My cousin took this",
          "This morning",
          "Minutes ago",
          "Hard to believe",
          "Please share");

  private static final List<String> PLACES =
      List.of(
          "the old market",
          "the station",
          "the school",
          "the harbour road",
          "the church",
          "the library",
          "the mill",
          "the town hall",
          "Bridge Street",
          "the hospital",
          "the bakery",
          "the stadium");

  private static final List<String> FIRES =
      List.of(
          "huge flames are burning around %s",
          "a fire is raging at %s and the smoke is thick",
          "%s is on fire, flames everywhere",
          "firefighters battle the blaze at %s",
          "burning roofs and black smoke over %s",
          "the blaze has reached %s, everything burns",
          "%s is burning, people flee from the fire",
          "flames as high as a house at %s");

  private static final List<String> FLOODS =
      List.of(
          "deep water has flooded %s",
          "a flood is rising at %s and the river is over its banks",
          "%s is under water, boats everywhere",
          "rescuers in boats cross the flood at %s",
          "flooded cellars and deep water around %s",
          "the flood has reached %s, everything is under water",
          "%s is flooded, people flee from the rising river",
          "water as high as a car at %s");

  /** What says neither, for one caption in so many. */
  private static final List<String> VAGUE =
      List.of(
          "something terrible has happened at %s", "you will not believe what is going on at %s");

  private static final int ONE_VAGUE_IN = 20;

  private static final List<String> ENDINGS =
      List.of(
          "Stay safe.",
          "Nobody knows yet how it began.",
          "More as we hear it.",
          "I have never seen anything like it.",
          "Does anybody know more?",
          "Look at the picture.",
          "All roads are closed.",
          "We are all right, thank you for asking.",
          "Tell your friends.",
          "It has been going on for hours.");

  private DemoCaption() {}

  static String write(Scene scene, String town, Random random) {
    List<String> told = scene == Scene.FIRE ? FIRES : FLOODS;
    List<String> reports = random.nextInt(ONE_VAGUE_IN) == 0 ? VAGUE : told;
    String report = pick(reports, random).formatted(pick(PLACES, random));
    return "%s in %s: %s. %s"
        .formatted(pick(OPENINGS, random), town, report, pick(ENDINGS, random));
  }

  private static String pick(List<String> phrases, Random random) {
    return phrases.get(random.nextInt(phrases.size()));
  }
}
