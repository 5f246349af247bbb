package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script at the repository's root, in a copy of the repository whose path holds a space. */
@Tag("slow")
class LauncherIT {
  private static final String BUILDING = "building, since";

  @TempDir static Path world;
  private static Path repository;
  private static List<Cli.Answer> firstTwo;

  @BeforeAll
  static void two_people_call_it_at_once_where_there_is_no_build() throws Exception {
    Folders.requireProgram("mvn", "apt-get install maven");
    repository = world.resolve("a house");
    copySources(Path.of("").toAbsolutePath().getParent(), repository);
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(
          BuiltProgram.start(
              world,
              Map.of(),
              world.resolve(i + ".out"),
              world.resolve(i + ".err"),
              List.of(repository.resolve("equipoise").toString(), "version")));
    }
    firstTwo = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int code = processes.get(i).waitFor();
      firstTwo.add(
          new Cli.Answer(
              code,
              Files.readString(world.resolve(i + ".out")),
              Files.readString(world.resolve(i + ".err"))));
    }
  }

  @Test
  void one_of_two_calls_builds_and_says_so_and_both_answer() {
    assertThat(firstTwo)
        .allSatisfy(
            answer -> {
              assertThat(answer.code()).as(answer.err()).isZero();
              assertThat(answer.out()).startsWith("equipoise " + Version.number()).hasLineCount(1);
            });
    assertThat(firstTwo.stream().filter(answer -> answer.err().contains(BUILDING))).hasSize(1);
  }

  @Test
  void later_calls_do_not_build_and_work_from_elsewhere_through_a_link() throws Exception {
    Path link = Files.createSymbolicLink(world.resolve("linked"), repository.resolve("equipoise"));
    Path elsewhere = Files.createDirectory(world.resolve("else where"));

    Cli.Answer answer = BuiltProgram.run(elsewhere, Map.of(), link.toString(), "version");

    Files.delete(link);
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.err()).isEmpty();
  }

  @Test
  void a_program_s_exit_code_is_the_launcher_s() throws Exception {
    Cli.Answer answer =
        BuiltProgram.run(world, Map.of(), repository.resolve("equipoise").toString(), "sideways");

    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("sideways");
  }

  @Test
  void a_source_newer_than_the_build_is_built() throws Exception {
    Path source = repository.resolve("cli/src/main/java/org/equipoise/cli/Version.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now()));

    Cli.Answer answer =
        BuiltProgram.run(world, Map.of(), repository.resolve("equipoise").toString(), "version");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.err()).contains(BUILDING);
  }

  @Test
  void options_of_java_are_passed_on_and_a_missing_java_is_named() throws Exception {
    Cli.Answer passed =
        BuiltProgram.run(
            world,
            Map.of("JAVA_OPTS", "-Xmx64m -XX:+PrintFlagsFinal"),
            BuiltProgram.script().toString(),
            "version");
    Cli.Answer missing =
        BuiltProgram.run(
            world,
            Map.of("JAVA_HOME", "/no/such/java"),
            BuiltProgram.script().toString(),
            "version");

    assertThat(passed.out()).containsPattern("MaxHeapSize +:?= 67108864");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("/no/such/java").hasLineCount(1);
  }

  @Test
  void a_release_comes_as_two_archives_whose_checksums_hold_and_which_run() throws Exception {
    Cli.Answer built =
        BuiltProgram.run(
            repository,
            Map.of(),
            "mvn",
            "-B",
            "-q",
            "package",
            "-Prelease",
            "-pl",
            "cli",
            "-am",
            "-DskipTests");
    assertThat(built.code()).as(built.out()).isZero();
    String name = "equipoise-" + Version.number();
    Path target = repository.resolve("cli/target");
    List<String> checksums = Files.readAllLines(target.resolve(name + ".sha256"));
    for (String archive : List.of(name + ".zip", name + ".tar.gz")) {
      assertThat(checksums).contains(Hashes.sha256(target.resolve(archive)) + " *" + archive);
    }
    Path unpacked = Files.createDirectory(world.resolve("un packed"));
    Cli.Answer tar =
        BuiltProgram.run(
            unpacked, Map.of(), "tar", "xzf", target.resolve(name + ".tar.gz").toString());
    assertThat(tar.code()).as(tar.err()).isZero();

    String program = unpacked.resolve(name).resolve("bin/equipoise").toString();
    Path run = world.resolve("run");
    List<String> train = new ArrayList<>(List.of(program));
    train.addAll(List.of(SmallRun.train(SmallPosts.write(world.resolve("posts"), 60, 5), run, 1)));
    Cli.Answer trained = BuiltProgram.run(world, Map.of(), train.toArray(String[]::new));
    assertThat(trained.code()).as(trained.err()).isZero();
    Cli.Answer answer =
        BuiltProgram.run(
            world, Map.of(), program, "predict", run.toString(), "--text", "hello", "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(Json.MAPPER.readTree(answer.out()).path("verdict").asText()).isIn("fake", "real");
    assertThat(unpacked.resolve(name).resolve("bin/equipoise.cmd")).exists();
    assertThat(unpacked.resolve(name).resolve("licences/THIRD-PARTY.md")).exists();
  }

  private static void copySources(Path from, Path to) throws IOException {
    Set<String> left = Set.of("target", ".git", ".idea");
    Set<Path> results = Set.of(from.resolve("run"), from.resolve("exp"));
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (left.contains(folder.getFileName().toString()) || results.contains(folder)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!left.contains(file.getFileName().toString())) {
              Files.copy(file, to.resolve(from.relativize(file)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    try (Stream<Path> modules = Files.list(to)) {
      assertThat(modules.filter(folder -> Files.exists(folder.resolve("pom.xml")))).isNotEmpty();
    }
  }
}
