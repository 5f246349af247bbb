package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakedditReaderTest {
  private static final String HEADER =
      "clean_title\tcreated_utc\thasImage\tid\ttitle\t2_way_label\t3_way_label\t6_way_label\n";

  @TempDir Path folder;

  private void write(String name, String lines) throws IOException {
    World.text(folder.resolve(name), HEADER + lines);
  }

  private static String line(String id, String title, String labels) {
    return String.join("\t", "clean", "1551641244.0", "True", id, title, labels) + "\n";
  }

  @Test
  void titlesAreQuotedAndOtherColumnsAreNot() throws IOException {
    write(
        "multimodal_train.tsv",
        line("1", "\"\"\"Love\"\" and \"\"peace\"\"\"", "1\t0\t0")
            + "\"open quote\t1551641244.0\tTrue\t2\tplain\t0\t2\t4\n"
            + line("3", "\"half", "1\t0\t0"));
    World.Read read = World.read("fakeddit:" + folder);
    assertThat(read.posts())
        .extracting(Post::text)
        .containsExactly("\"Love\" and \"peace\"", "plain", "\"half");
    assertThat(read.skipped()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"2, real, fake", "3, real, fake-true-text", "6, satire, misleading"})
  void labelsOfEachNumberOfClasses(int labels, String first, String second) throws IOException {
    write("multimodal_train.tsv", line("1", "t", "1\t0\t1") + line("2", "t", "0\t1\t5.0"));
    World.Read read = World.read("fakeddit:" + folder, DataOptions.DEFAULT.withLabels(labels));
    assertThat(read.post("1").label()).contains(first);
    assertThat(read.post("2").label()).contains(second);
  }

  @Test
  void filesNameThePartsAndPicturesAreNamedByTheId() throws IOException {
    write("multimodal_train.tsv", line("1", "t", "1\t0\t0"));
    write("multimodal_validate.tsv", line("2", "t", "1\t0\t0"));
    write("multimodal_test_public.tsv", line("3", "t", "1\t0\t0"));
    write("all_train.tsv", line("4", "t", "1\t0\t0"));
    World.Read read = World.read("fakeddit:" + folder);
    assertThat(read.posts()).hasSize(3);
    assertThat(read.post("1").split()).contains("train");
    assertThat(read.post("2").split()).contains("validation");
    assertThat(read.post("3").split()).contains("test");
    assertThat(read.post("1").images()).containsExactly(folder.resolve("public_image_set/1.jpg"));
    assertThat(read.post("1").time()).contains(OffsetDateTime.parse("2019-03-03T19:27:24Z"));
  }

  @Test
  void unknownLabelAndMissingColumnAreWrongUse() throws IOException {
    write("multimodal_train.tsv", line("1", "t", "2\t0\t0"));
    assertThatThrownBy(() -> World.read("fakeddit:" + folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("multimodal_train.tsv:2")
        .hasMessageContaining("from 0 to 1");
    World.text(folder.resolve("multimodal_train.tsv"), "id\ttitle\tlabel\n");
    assertThatThrownBy(() -> World.read("fakeddit:" + folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'2_way_label'")
        .hasMessageContaining("id, title, label");
  }

  @Test
  void aLineWithTooFewColumnsIsSkipped() throws IOException {
    write("multimodal_train.tsv", "clean\t1\tTrue\t9\ttitle\n");
    assertThat(World.read("fakeddit:" + folder).skipped())
        .extracting(p -> p.id() + " " + p.reason())
        .containsExactly("9 broken_line");
  }
}
