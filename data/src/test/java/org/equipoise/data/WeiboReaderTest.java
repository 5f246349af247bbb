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

class WeiboReaderTest {
  @TempDir Path folder;

  private static String fields(String id, String name, String time) {
    return id + "|" + name + "|null|null|" + time + "|true|30|4|33|null|0|null|null|null|app";
  }

  private void write(String part, String... lines) throws IOException {
    World.text(folder.resolve("tweets/" + part + ".txt"), String.join("\r\n", lines) + "\r\n");
  }

  private World.Read read() {
    return World.read("weibo:" + folder);
  }

  @Test
  void threeLinesAreAPostOfTheFilesPartAndClass() throws IOException {
    Path image = World.text(folder.resolve("rumor_images/b.jpg"), "x");
    write(
        "test_rumor",
        fields("1", "name", "2013-07-05 12:20"),
        "http://w/large/a.jpg|http://w/large/b.jpg|http://w/large/b.jpg|null",
        "text");
    write("train_nonrumor", fields("2", "null", "1447078683000"), "null", "other");
    World.Read read = read();
    Post post = read.post("1");
    assertThat(post.label()).contains("fake");
    assertThat(post.split()).contains("test");
    assertThat(post.language()).contains("zh");
    assertThat(post.images()).containsExactly(image);
    assertThat(post.time()).contains(OffsetDateTime.parse("2013-07-05T12:20:00+08:00"));
    assertThat(read.post("2").label()).contains("real");
    assertThat(read.post("2").split()).contains("train");
    assertThat(read.post("2").images()).isEmpty();
    assertThat(read.post("2").time()).contains(OffsetDateTime.parse("2015-11-09T22:18:03+08:00"));
  }

  @Test
  void emptyTextAndEmptyAddressesDoNotShiftTheFollowingPosts() throws IOException {
    write(
        "train_rumor",
        fields("1", "name", "2013-07-05 12:20"),
        "",
        "text without image",
        fields("2", "name", "2013-07-05 12:20"),
        "http://w/a.jpg|null",
        "",
        fields("3", "name", "2013-07-05 12:20"),
        "null",
        "third");
    World.Read read = read();
    assertThat(read.posts())
        .extracting(Post::text)
        .containsExactly("text without image", "", "third");
    assertThat(read.post("2").images()).containsExactly(folder.resolve("rumor_images/a.jpg"));
    assertThat(read.skipped()).isEmpty();
  }

  @Test
  void aGroupCutShortAtTheEndKeepsWhatItHas() throws IOException {
    write("train_rumor", fields("1", "name", "2013-07-05 12:20"), "http://w/a.jpg|null");
    assertThat(read().post("1").text()).isEmpty();
    write("train_rumor", fields("1", "name", "2013-07-05 12:20"));
    assertThat(read().post("1").images()).isEmpty();
  }

  @Test
  void aBarInTheUsersNameDoesNotMoveTheTime() throws IOException {
    write("train_rumor", fields("1", "a|b", "2013-07-05 12:20"), "null", "text");
    assertThat(read().post("1").time()).contains(OffsetDateTime.parse("2013-07-05T12:20:00+08:00"));
  }

  @Test
  void aStrayLineIsSkippedAndReadingGoesOnAtTheNextPost() throws IOException {
    write("train_rumor", "not a post", fields("1", "name", "2013-07-05 12:20"), "null", "text");
    World.Read read = read();
    assertThat(read.posts()).extracting(Post::id).containsExactly("1");
    assertThat(read.skipped())
        .extracting(p -> p.reason() + " " + p.source().line())
        .containsExactly("broken_line 1");
  }

  @Test
  void wrongPlacesSayWhatWasExpected() throws IOException {
    assertThatThrownBy(this::read)
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("tweets/train_rumor.txt");
    Path file = World.text(folder.resolve("file"), "x");
    assertThatThrownBy(() -> World.read("weibo:" + file))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("is a file");
  }
}
