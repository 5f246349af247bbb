package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a release gives away, and under which licence. */
@Tag("slow")
class ReleaseLicencesIT {
  private static final Set<String> PERMISSIVE =
      Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause");
  private static final Pattern ROW =
      Pattern.compile("\\| ([a-z0-9_.-]+) \\| ([A-Za-z0-9.-]+) \\| (.+) \\|");
  private static final Pattern LICENCE_NAME =
      Pattern.compile("<license>.*?<name>(.*?)</name>.*?</license>", Pattern.DOTALL);

  @ParameterizedTest
  @MethodSource("libraries")
  void every_library_is_listed_under_a_permissive_licence_whose_text_is_there(Path jar)
      throws IOException {
    String licence = licences().get(name(jar));

    assertThat(licence).as("row of %s in licences/THIRD-PARTY.md", name(jar)).isNotNull();
    assertThat(PERMISSIVE).contains(licence);
    assertThat(BuiltProgram.folder().resolve("licences").resolve(licence + ".txt")).exists();
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void what_a_library_says_of_itself_offers_a_licence_that_is_not_of_the_gnu_family(Path jar)
      throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (entry.getName().matches("META-INF/maven/.*/pom\\.xml")) {
          List<String> offered = licencesOf(text(file, entry));
          assertThat(offered.isEmpty() || offered.stream().anyMatch(ReleaseLicencesIT::permissive))
              .as("%s says %s", jar.getFileName(), offered)
              .isTrue();
        }
      }
    }
  }

  @Test
  void the_list_names_nothing_that_is_not_there() throws IOException {
    Set<String> there =
        libraries().map(ReleaseLicencesIT::name).collect(java.util.stream.Collectors.toSet());

    assertThat(licences().keySet()).isSubsetOf(there);
  }

  @Test
  void the_project_s_own_licence_and_notice_are_in_the_release() {
    assertThat(BuiltProgram.folder().resolve("LICENSE")).content().contains("Apache License");
    assertThat(BuiltProgram.folder().resolve("NOTICE")).content().contains("THIRD-PARTY.md");
  }

  static Stream<Path> libraries() throws IOException {
    try (Stream<Path> files = Files.list(BuiltProgram.folder().resolve("lib"))) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("equipoise-"))
          .sorted()
          .toList()
          .stream();
    }
  }

  /** A file's name without version and platform. */
  private static String name(Path jar) {
    return jar.getFileName().toString().replaceFirst("-\\d.*", "");
  }

  private static Map<String, String> licences() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    Path list = BuiltProgram.folder().resolve("licences").resolve("THIRD-PARTY.md");
    for (String line : Files.readAllLines(list)) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && !row.group(1).equals("library") && !row.group(1).equals("---")) {
        rows.put(row.group(1), row.group(2));
      }
    }
    return rows;
  }

  private static List<String> licencesOf(String pom) {
    return LICENCE_NAME.matcher(pom).results().map(found -> found.group(1)).toList();
  }

  private static boolean permissive(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Stream.of("apache", "mit", "bsd").anyMatch(lower::contains);
  }

  private static String text(JarFile file, JarEntry entry) throws IOException {
    try (InputStream in = file.getInputStream(entry)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
