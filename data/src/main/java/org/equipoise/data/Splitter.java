package org.equipoise.data;

import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;

/**
 * Divides posts into training, validation and test posts under a protocol: 20 % test posts, 10 % of
 * the rest validation posts, every part with every class and, where the protocol allows, with the
 * same shares of them. The same posts, options and seed give the same parts.
 *
 * <p>Validation posts are taken from the training posts under the same protocol. Under {@code
 * event-disjoint} these are whole events; where no choice of events leaves every class on both
 * sides, they are image groups inside the event that holds over half of the training posts, or
 * inside all of them where no event does or it lacks a class. Under {@code published} they are the
 * authors' own, or else as disjoint from the training posts as the authors' test posts are: by
 * event where those share none, by image where that can be, at random where neither can.
 */
public final class Splitter {
  private static final double TEST_SHARE = 0.2;
  private static final double VALIDATION_SHARE = 0.1;

  private final Dataset data;
  private final List<Post> posts;
  private final List<String> classes;
  private final int[] labels;
  private final Options options;
  private int[] imageGroups;

  /**
   * What to divide by.
   *
   * @param protocol who is in the test set
   * @param folds 1 for a single division, else so many test sets that together are all posts
   * @param testEvents under {@code event-disjoint}: the events to test on; empty to choose them
   * @param seed draws what the protocol leaves open
   */
  public record Options(Protocol protocol, int folds, Set<String> testEvents, long seed) {
    public Options {
      testEvents = Set.copyOf(testEvents);
    }
  }

  private Splitter(Dataset data, Options options) {
    this.data = data;
    this.options = options;
    posts = data.posts();
    long unlabelled = posts.stream().filter(post -> post.label().isEmpty()).count();
    if (unlabelled > 0) {
      Post first = posts.stream().filter(post -> post.label().isEmpty()).findFirst().orElseThrow();
      throw new WrongUseException(
          unlabelled
              + " of "
              + posts.size()
              + " posts have no label, the first is "
              + where(first)
              + ": only labelled posts can be split");
    }
    classes = data.labels();
    if (classes.size() < 2) {
      throw new WrongUseException(
          "all posts of "
              + data.name()
              + " are labelled '"
              + classes.get(0)
              + "': there is nothing to tell apart");
    }
    Map<String, Integer> number = new HashMap<>();
    classes.forEach(name -> number.put(name, number.size()));
    labels = posts.stream().mapToInt(post -> number.get(post.label().orElseThrow())).toArray();
  }

  /**
   * Divides the posts.
   *
   * @param data the posts that take part
   * @throws WrongUseException if the protocol cannot give every part every class, or the options
   *     contradict each other or the posts; the message says why
   */
  public static Splits split(Dataset data, Options options) {
    Splitter splitter = new Splitter(data, options);
    return new Splits(
        data.fingerprint(),
        options.protocol(),
        options.seed(),
        data.incomplete(),
        splitter.folds());
  }

  /**
   * The protocol where none is asked for: {@code published} where the authors set test posts apart,
   * else {@code event-disjoint} where events allow it, else {@code image-disjoint}.
   */
  public static Protocol defaultProtocol(Dataset data) {
    Set<String> parts = new HashSet<>();
    data.posts().forEach(post -> parts.add(post.split().orElse("")));
    if (parts.contains("test") && parts.contains("train")) {
      return Protocol.PUBLISHED;
    }
    try {
      split(data, new Options(Protocol.EVENT_DISJOINT, 1, Set.of(), 0));
      return Protocol.EVENT_DISJOINT;
    } catch (WrongUseException e) {
      return Protocol.IMAGE_DISJOINT;
    }
  }

  private List<Splits.Fold> folds() {
    Protocol protocol = options.protocol();
    if (options.folds() < 1) {
      throw refused(options.folds() + " folds", "there is at least one");
    }
    if (options.folds() > posts.size()) {
      throw refused(options.folds() + " folds", "there are only " + posts.size() + " posts");
    }
    if (!options.testEvents().isEmpty()) {
      if (protocol != Protocol.EVENT_DISJOINT) {
        throw refused("test events", "only event-disjoint tests on events");
      }
      if (options.folds() > 1) {
        throw refused("test events and folds at once", "named events are one test set");
      }
    }
    boolean once = protocol == Protocol.PUBLISHED || protocol == Protocol.CHRONOLOGICAL;
    if (once && options.folds() > 1) {
      throw refused(options.folds() + " folds", "this protocol has one test set only");
    }
    return switch (protocol) {
      case PUBLISHED -> List.of(published());
      case RANDOM -> random();
      case IMAGE_DISJOINT -> imageDisjoint();
      case EVENT_DISJOINT -> eventDisjoint();
      case CHRONOLOGICAL -> List.of(chronological());
    };
  }

  private double testShare() {
    return data.testShare().orElse(TEST_SHARE);
  }

  private Splits.Fold published() {
    for (Post post : posts) {
      if (post.split().isEmpty()) {
        throw refused(where(post) + " is in no published part", "use another protocol");
      }
    }
    int[] test = where(i -> posts.get(i).split().orElseThrow().equals("test"));
    int[] validation = where(i -> posts.get(i).split().orElseThrow().equals("validation"));
    int[] train = where(i -> posts.get(i).split().orElseThrow().equals("train"));
    if (test.length == 0 || train.length == 0) {
      throw refused(
          "no published " + (test.length == 0 ? "test" : "training") + " posts",
          "the posts given are one part only");
    }
    if (validation.length > 0) {
      return fold(train, validation, test);
    }
    return withValidation(train, test, publishedValidation(train, test));
  }

  private int[] publishedValidation(int[] train, int[] test) {
    if (posts.stream().allMatch(post -> post.event().isPresent())) {
      Set<String> trainEvents = new HashSet<>();
      IntStream.of(train).forEach(i -> trainEvents.add(posts.get(i).event().orElseThrow()));
      boolean shared =
          IntStream.of(test)
              .anyMatch(i -> trainEvents.contains(posts.get(i).event().orElseThrow()));
      if (!shared) {
        return eventValidation(train);
      }
    }
    int[] byImage = holdOut(train, imageGroups(), VALIDATION_SHARE);
    return byImage.length > 0 ? byImage : stratified(train, VALIDATION_SHARE, new Random(seed(1)));
  }

  private List<Splits.Fold> random() {
    int[] all = where(i -> true);
    if (options.folds() == 1) {
      int[] test = stratified(all, testShare(), new Random(seed(0)));
      return List.of(randomFold(all, test, 0));
    }
    int[][] tests = stratifiedFolds(all);
    List<Splits.Fold> folds = new ArrayList<>();
    for (int fold = 0; fold < tests.length; fold++) {
      folds.add(randomFold(all, tests[fold], fold));
    }
    return folds;
  }

  private Splits.Fold randomFold(int[] all, int[] test, int fold) {
    int[] train = without(all, test);
    return withValidation(
        train, test, stratified(train, VALIDATION_SHARE, new Random(seed(fold + 1))));
  }

  /** A share of each class, sorted. */
  private int[] stratified(int[] members, double share, Random random) {
    List<List<Integer>> byClass = byClass(members, random);
    List<Integer> quotas =
        Shares.largestRemainder(
            byClass.stream().map(List::size).toList(), (int) Math.round(share * members.length));
    List<Integer> taken = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      int size = byClass.get(c).size();
      // even a rare class is on both sides where it has two posts
      int quota = Math.min(Math.max(quotas.get(c), 1), Math.max(size - 1, 0));
      taken.addAll(byClass.get(c).subList(0, quota));
    }
    return taken.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private int[][] stratifiedFolds(int[] members) {
    List<List<Integer>> folds = new ArrayList<>();
    IntStream.range(0, options.folds()).forEach(i -> folds.add(new ArrayList<>()));
    int next = 0;
    for (List<Integer> sameClass : byClass(members, new Random(seed(0)))) {
      for (int post : sameClass) {
        folds.get(next++ % folds.size()).add(post);
      }
    }
    return folds.stream()
        .map(fold -> fold.stream().mapToInt(Integer::intValue).sorted().toArray())
        .toArray(int[][]::new);
  }

  private List<List<Integer>> byClass(int[] members, Random random) {
    List<List<Integer>> byClass = new ArrayList<>();
    classes.forEach(name -> byClass.add(new ArrayList<>()));
    IntStream.of(members).forEach(i -> byClass.get(labels[i]).add(i));
    byClass.forEach(list -> Collections.shuffle(list, random));
    return byClass;
  }

  private int[] imageGroups() {
    if (imageGroups == null) {
      imageGroups = ImageGroups.of(data);
    }
    return imageGroups;
  }

  private List<Splits.Fold> imageDisjoint() {
    int[] all = where(i -> true);
    return groupFolds(
        all,
        imageGroups(),
        "images (same content or near-duplicates kept together)",
        train -> holdOut(train, imageGroups(), VALIDATION_SHARE));
  }

  private List<Splits.Fold> eventDisjoint() {
    int[] all = where(i -> true);
    List<String> names = new ArrayList<>();
    int[] events = events(names);
    if (!options.testEvents().isEmpty()) {
      Set<Integer> chosen = new TreeSet<>();
      for (String event : options.testEvents().stream().sorted().toList()) {
        if (!data.events().contains(event)) {
          throw new WrongUseException(
              "there is no event '" + event + "'; there are: " + String.join(", ", data.events()));
        }
        // an event all of whose posts lack an image may be named, but has no post to give
        if (names.contains(event)) {
          chosen.add(names.indexOf(event));
        }
      }
      int[] test = where(i -> chosen.contains(events[i]));
      int[] train = without(all, test);
      requireEveryClass("the test posts (events " + String.join(", ", sorted()) + ")", test);
      requireEveryClass("the training posts (all other events)", train);
      return List.of(withValidation(train, test, eventValidation(train)));
    }
    return groupFolds(all, events, "events", this::eventValidation);
  }

  private List<String> sorted() {
    return options.testEvents().stream().sorted().toList();
  }

  private int[] events(List<String> names) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    int[] events = new int[posts.size()];
    for (int i = 0; i < events.length; i++) {
      Post post = posts.get(i);
      String event =
          post.event()
              .orElseThrow(
                  () ->
                      refused(
                          posts.stream().filter(p -> p.event().isEmpty()).count()
                              + " of "
                              + posts.size()
                              + " posts belong to no event",
                          "the first is " + where(post)));
      events[i] = numbers.computeIfAbsent(event, name -> numbers.size());
    }
    names.addAll(numbers.keySet());
    return events;
  }

  /** Validation posts of whole events, or of image groups where events do not allow it. */
  private int[] eventValidation(int[] train) {
    int[] events = events(new ArrayList<>());
    int[] held = holdOut(train, events, VALIDATION_SHARE);
    if (held.length > 0) {
      return held;
    }
    Map<Integer, List<Integer>> byEvent = new TreeMap<>();
    IntStream.of(train)
        .forEach(i -> byEvent.computeIfAbsent(events[i], event -> new ArrayList<>()).add(i));
    List<Integer> largest =
        byEvent.values().stream().max(Comparator.comparingInt(List::size)).orElseThrow();
    int[] inside = largest.stream().mapToInt(Integer::intValue).toArray();
    if (inside.length * 2 > train.length && missingClass(inside).isEmpty()) {
      double share = VALIDATION_SHARE * train.length / inside.length;
      int[] ofLargest = holdOut(inside, imageGroups(), share);
      if (ofLargest.length > 0) {
        return ofLargest;
      }
    }
    return holdOut(train, imageGroups(), VALIDATION_SHARE);
  }

  private Splits.Fold chronological() {
    for (Post post : posts) {
      if (post.time().isEmpty()) {
        throw refused(
            posts.stream().filter(p -> p.time().isEmpty()).count()
                + " of "
                + posts.size()
                + " posts have no time",
            "the first is " + where(post));
      }
    }
    int[] byTime =
        IntStream.range(0, posts.size())
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> time(i).toInstant()))
            .mapToInt(Integer::intValue)
            .toArray();
    int testStart = cut(byTime, byTime.length, testShare());
    int validationStart = cut(byTime, testStart, VALIDATION_SHARE);
    return fold(
        sortedRange(byTime, 0, validationStart),
        sortedRange(byTime, validationStart, testStart),
        sortedRange(byTime, testStart, byTime.length));
  }

  private OffsetDateTime time(int post) {
    return posts.get(post).time().orElseThrow();
  }

  /** Where the latest share of the first posts begins; posts of the same moment stay together. */
  private int cut(int[] byTime, int end, double share) {
    int cut = end - (int) Math.round(share * end);
    while (cut > 0 && cut < end && time(byTime[cut]).isEqual(time(byTime[cut - 1]))) {
      cut--;
    }
    return cut;
  }

  private static int[] sortedRange(int[] values, int from, int to) {
    int[] range = Arrays.copyOfRange(values, from, to);
    Arrays.sort(range);
    return range;
  }

  private List<Splits.Fold> groupFolds(
      int[] all, int[] groups, String what, Function<int[], int[]> validationOf) {
    if (options.folds() == 1) {
      int[][] found = new int[2][];
      int[] test =
          holdOut(
              all,
              groups,
              testShare(),
              candidate -> {
                int[] train = without(all, candidate);
                int[] validation = validationOf.apply(train);
                found[0] = train;
                found[1] = validation;
                return validation.length > 0;
              });
      if (test.length == 0) {
        throw refused(
            "no choice of " + what + " gives training, validation and test posts every class",
            classesByGroup(all, groups));
      }
      return List.of(withValidation(found[0], test, found[1]));
    }
    GroupTable table = new GroupTable(all, groups);
    for (int c = 0; c < classes.size(); c++) {
      int holding = table.groupsWith(c);
      if (holding < options.folds()) {
        throw refused(
            options.folds() + " folds",
            "only " + holding + " " + what + " hold posts of the class '" + classes.get(c) + "'");
      }
    }
    int[] dealt = new GroupAllocation(table.counts, seed(0)).deal(options.folds());
    List<Splits.Fold> folds = new ArrayList<>();
    for (int fold = 0; fold < options.folds(); fold++) {
      int number = fold;
      int[] test = where(i -> dealt[table.rowOf.get(groups[i])] == number);
      int[] train = without(all, test);
      requireEveryClass("the test posts of fold " + fold, test);
      requireEveryClass("the training posts of fold " + fold, train);
      folds.add(withValidation(train, test, validationOf.apply(train)));
    }
    return folds;
  }

  private String classesByGroup(int[] members, int[] groups) {
    GroupTable table = new GroupTable(members, groups);
    List<String> parts = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      parts.add("'" + classes.get(c) + "' is in " + table.groupsWith(c));
    }
    return "of " + table.counts.length + ", " + String.join(", ", parts);
  }

  private int[] holdOut(int[] members, int[] groups, double share) {
    return holdOut(members, groups, share, held -> true);
  }

  /** Members of whole groups that together are about the share; none if that cannot be. */
  private int[] holdOut(int[] members, int[] groups, double share, Predicate<int[]> accepts) {
    GroupTable table = new GroupTable(members, groups);
    BitSet chosen =
        new GroupAllocation(table.counts, seed(0))
            .holdOut(share, candidate -> accepts.test(table.members(candidate)));
    return table.members(chosen);
  }

  /** Posts of each class in each group that occurs. */
  private final class GroupTable {
    private final int[] members;
    private final int[] groups;
    private final Map<Integer, Integer> rowOf = new HashMap<>();
    private final long[][] counts;

    GroupTable(int[] members, int[] groups) {
      this.members = members;
      this.groups = groups;
      for (int i : members) {
        rowOf.computeIfAbsent(groups[i], group -> rowOf.size());
      }
      counts = new long[rowOf.size()][classes.size()];
      for (int i : members) {
        counts[rowOf.get(groups[i])][labels[i]]++;
      }
    }

    int groupsWith(int label) {
      return (int) Arrays.stream(counts).filter(row -> row[label] > 0).count();
    }

    int[] members(BitSet rows) {
      return IntStream.of(members).filter(i -> rows.get(rowOf.get(groups[i]))).toArray();
    }
  }

  private Splits.Fold withValidation(int[] train, int[] test, int[] validation) {
    return fold(without(train, validation), validation, test);
  }

  private Splits.Fold fold(int[] train, int[] validation, int[] test) {
    requireEveryClass("the test posts", test);
    requireEveryClass("the validation posts", validation);
    requireEveryClass("the training posts", train);
    return new Splits.Fold(ids(train), ids(validation), ids(test));
  }

  private List<String> ids(int[] members) {
    return IntStream.of(members).mapToObj(i -> posts.get(i).id()).toList();
  }

  private int[] where(IntPredicate condition) {
    return IntStream.range(0, posts.size()).filter(condition).toArray();
  }

  private int[] without(int[] members, int[] others) {
    BitSet left = new BitSet(posts.size());
    IntStream.of(members).forEach(left::set);
    IntStream.of(others).forEach(left::clear);
    return left.stream().toArray();
  }

  private List<String> missingClass(int[] members) {
    BitSet present = new BitSet();
    IntStream.of(members).forEach(i -> present.set(labels[i]));
    return IntStream.range(0, classes.size())
        .filter(c -> !present.get(c))
        .mapToObj(classes::get)
        .toList();
  }

  private void requireEveryClass(String part, int[] members) {
    List<String> missing = missingClass(members);
    if (!missing.isEmpty()) {
      throw refused(
          part + " would hold no post of the class '" + missing.get(0) + "'",
          "they would be " + members.length + " posts");
    }
  }

  private WrongUseException refused(String what, String why) {
    return new WrongUseException(
        "cannot split " + data.name() + " " + options.protocol().id() + ": " + what + "; " + why);
  }

  private static String where(Post post) {
    return "post '" + post.id() + "'" + post.source().map(source -> " (" + source + ")").orElse("");
  }

  /** Independent draws from one seed. */
  private long seed(int purpose) {
    return options.seed() * 1_000_003L + purpose;
  }
}
