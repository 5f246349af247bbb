package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TwitterReaderTest {
  private static final String HEADER =
      "post_id\tpost_text\tuser_id\timage_id(s)\tusername\ttimestamp\tlabel\n";
  private static final String TIME = "Wed Apr 17 18:57:37 +0000 2013";

  @TempDir Path folder;

  private Path devset(String lines) throws IOException {
    return World.text(folder.resolve("devset/posts.txt"), HEADER + lines);
  }

  private static String line(String id, String text, String images, String time, String label) {
    return String.join("\t", id, text, "7", images, "name", time, label) + "\n";
  }

  @Test
  void textKeepsItsQuotesAndItsWrittenLineBreaks() throws IOException {
    devset(line("1", "\"He said \"\"no\"\\nand left", "sandy_fake_01", TIME, "fake"));
    assertThat(World.read("twitter:" + folder).post("1").text())
        .isEqualTo("\"He said \"\"no\"\\nand left");
  }

  @Test
  void firstIdThatHasAFileWinsAndAllWithFilesAreCandidates() throws IOException {
    Path images = folder.resolve("devset/Mediaeval2016_DevSet_Images");
    World.text(images.resolve("sandy_fake_02.jpg"), "x");
    World.text(images.resolve("sandy_fake_03.gif"), "x");
    devset(
        line("1", "t", " sandy_fake_01 , sandy_fake_02,sandy_fake_03 ", TIME, "fake")
            + line("2", "t", "sandy_fake_09", TIME, "fake"));
    World.Read read = World.read("twitter:" + folder);
    assertThat(read.post("1").images())
        .containsExactly(images.resolve("sandy_fake_02.jpg"), images.resolve("sandy_fake_03.gif"));
    assertThat(read.post("2").images()).containsExactly(images.resolve("sandy_fake_09"));
  }

  @ParameterizedTest
  @CsvSource({
    "sandy_fake_01, sandy",
    "boston_real_3, boston",
    "eclipse_video_01, eclipse",
    "eclipse_01, eclipse",
    "columbianChemicals_fake_12, columbianChemicals",
    "nepal_3, nepal",
    "rio_moon_7, rio_moon",
    "livr1, livr"
  })
  void eventIsTheImageIdBeforeItsKindAndNumber(String imageId, String event) {
    assertThat(TwitterReader.event(imageId)).isEqualTo(event);
  }

  @Test
  void timestampsMayHoldSpaces() throws IOException {
    devset(line("1", "t", "a_1", "Tue Mar 11 23: 59: 22 +0000 2014", "fake"));
    assertThat(World.read("twitter:" + folder).post("1").time())
        .contains(OffsetDateTime.parse("2014-03-11T23:59:22Z"));
  }

  @Test
  void columnsAreFoundByNameAndBothSetsAreOneDividedDataSet() throws IOException {
    devset(line("1", "t", "sandy_fake_01", TIME, "fake"));
    World.text(
        folder.resolve("testset/posts_groundtruth.txt"),
        "post_id\tpost_text\tuser_id\tusername\timage_id\ttimestamp\tlabel\n"
            + "2\tother\t7\tname\tbowie_david_1\t"
            + TIME
            + "\treal\n");
    World.Read read = World.read("twitter:" + folder);
    assertThat(read.posts()).extracting(p -> p.split().orElse("")).containsExactly("train", "test");
    assertThat(read.post("2").event()).contains("bowie_david");
    assertThat(read.post("2").label()).contains("real");
    assertThat(World.read("twitter:" + folder.resolve("testset")).post("2").split()).isEmpty();
  }

  @Test
  void humorNeedsAChoice() throws IOException {
    devset(
        line("1", "t", "a_1", TIME, "humor")
            + line("2", "t", "a_1", TIME, "fake")
            + line("3", "t", "a_1", TIME, "real"));
    String spec = "twitter:" + folder;
    assertThatThrownBy(() -> World.read(spec))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("--humor fake")
        .hasMessageContaining("--humor drop")
        .hasMessageContaining("posts.txt:2");
    assertThat(World.read(spec, DataOptions.DEFAULT.withHumor(Humor.FAKE)).posts())
        .extracting(p -> p.label().orElse(""))
        .containsExactly("fake", "fake", "real");
    World.Read dropped = World.read(spec, DataOptions.DEFAULT.withHumor(Humor.DROP));
    assertThat(dropped.posts()).hasSize(2);
    assertThat(dropped.skipped()).extracting(SkippedPost::reason).containsExactly("humor");
  }

  @Test
  void unknownLabelSaysWhereAndWhatWasExpected() throws IOException {
    devset(line("1", "t", "a_1", TIME, "maybe"));
    assertThatThrownBy(() -> World.read("twitter:" + folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("posts.txt:2")
        .hasMessageContaining("'maybe'")
        .hasMessageContaining("fake, real or humor");
  }

  @Test
  void brokenLinesAreSkippedWithTheirPlace() throws IOException {
    byte[] good = (HEADER + line("1", "t", "a_1", TIME, "fake")).getBytes(StandardCharsets.UTF_8);
    byte[] invalid = line("2", "\u00e9", "a_1", TIME, "fake").getBytes(StandardCharsets.ISO_8859_1);
    byte[] cut = "3\tonly two\n".getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[good.length + invalid.length + cut.length];
    System.arraycopy(good, 0, all, 0, good.length);
    System.arraycopy(invalid, 0, all, good.length, invalid.length);
    System.arraycopy(cut, 0, all, good.length + invalid.length, cut.length);
    World.bytes(folder.resolve("devset/posts.txt"), all);
    World.Read read = World.read("twitter:" + folder);
    assertThat(read.posts()).extracting(Post::id).containsExactly("1");
    assertThat(read.skipped())
        .extracting(p -> p.id() + " " + p.reason() + " " + p.source().line())
        .containsExactly("2 invalid_utf8 3", "3 broken_line 4");
  }

  @Test
  void byteOrderMarkAndCarriageReturnsArePassedOver() throws IOException {
    String file = "\uFEFF" + HEADER + line("1", "t", "a_1", TIME, "fake");
    World.text(folder.resolve("devset/posts.txt"), file.replace("\n", "\r\n"));
    assertThat(World.read("twitter:" + folder).post("1").label()).contains("fake");
  }

  @Test
  void otherLineSeparatorsOfUnicodeBelongToTheText() throws IOException {
    devset(line("1", "a\u2028b\u0085c", "a_1", TIME, "fake"));
    assertThat(World.read("twitter:" + folder).post("1").text()).isEqualTo("a\u2028b\u0085c");
  }

  @Test
  void aTextOfAMegabyteIsRead() throws IOException {
    devset(line("1", "x".repeat(1 << 20), "a_1", TIME, "fake"));
    assertThat(World.read("twitter:" + folder).post("1").text()).hasSize(1 << 20);
  }

  @Test
  void missingColumnListsTheColumnsThereAre() throws IOException {
    World.text(folder.resolve("devset/posts.txt"), "post_id\tpost_text\timage_id(s)\ttruth\n");
    assertThatThrownBy(() -> World.read("twitter:" + folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'label'")
        .hasMessageContaining("post_id, post_text, image_id(s), truth");
  }

  @Test
  void wrongPlacesSayWhatWasExpected() {
    assertThatThrownBy(() -> World.read("twitter:/nowhere"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("/nowhere")
        .hasMessageContaining("devset/posts.txt");
    assertThatThrownBy(() -> World.read("twitter:" + folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("devset/posts.txt");
  }
}
