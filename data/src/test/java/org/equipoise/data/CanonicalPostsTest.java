package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CanonicalPostsTest {
  @TempDir Path folder;

  @Test
  void everyFieldSurvivesAWriteAndARead() throws IOException {
    Path file = folder.resolve("out/posts.jsonl");
    Post post =
        Post.builder("1")
            .text("a \"quote\"\nand \u6587\u5b57")
            .images(List.of(folder.resolve("img/a.jpg")))
            .label("fake")
            .event("storm")
            .time(OffsetDateTime.parse("2012-10-29T22:14:00+02:00"))
            .language("en")
            .split("train")
            .source(new SourceLine("origin.txt", 12))
            .build();
    CanonicalPosts.write(file, List.of(post, Post.builder("2").text("b").build()));
    assertThat(Files.readString(file)).contains("\"images\":[\"../img/a.jpg\"]");
    World.Read read = World.read(file.toString());
    Post again = read.post("1");
    assertThat(again.images().get(0).normalize()).isEqualTo(folder.resolve("img/a.jpg"));
    assertThat(again.toBuilder().images(post.images()).build()).isEqualTo(post);
    assertThat(read.post("2").source()).contains(new SourceLine(file.toString(), 2));
  }

  @Test
  void importWritesUsablePostsAndAReasonForEachOther() throws IOException {
    World.image(folder.resolve("good.png"), 1);
    World.text(folder.resolve("broken.png"), "no picture");
    World.text(
        folder.resolve("posts.csv"),
        "id,text,images,label\n"
            + "1,hello,good.png,fake\n"
            + "2,,broken.png,real\n"
            + "3,text,gone.png,real\n"
            + "1,again,,real\n"
            + "4,,broken.png|good.png,real\n"
            + "5\n");
    Path out = folder.resolve("new/posts.jsonl");
    CanonicalPosts.Imported imported =
        CanonicalPosts.importFrom(
            DataSpec.parse("csv:" + folder.resolve("posts.csv"), DataOptions.DEFAULT),
            out,
            Progress.NONE);
    assertThat(imported.posts()).isEqualTo(3);
    assertThat(imported.skipped()).isEqualTo(3);
    World.Read read = World.read(out.toString());
    assertThat(read.posts()).extracting(Post::id).containsExactly("1", "3", "4");
    assertThat(read.post("3").images()).isEmpty();
    assertThat(read.post("4").images().get(0).normalize()).isEqualTo(folder.resolve("good.png"));
    assertThat(imported.skippedFile()).isEqualTo(folder.resolve("new/posts.skipped.jsonl"));
    List<String> reasons =
        Files.readAllLines(imported.skippedFile()).stream()
            .map(
                line -> {
                  try {
                    var node = Json.MAPPER.readTree(line);
                    assertThat(node.path("message").asText()).isNotBlank();
                    return node.path("id").asText()
                        + " "
                        + node.path("line")
                        + " "
                        + node.path("reason").asText();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                })
            .toList();
    assertThat(reasons)
        .containsExactlyInAnyOrder("1 5 duplicate_id", "5 7 broken_line", "2 3 no_text_no_image");
  }

  @Test
  void anImportHoldsTheSamePostsAsTheOriginal() throws IOException {
    World.image(folder.resolve("good.png"), 1);
    World.text(
        folder.resolve("posts.csv"), "id,text,images,label\n1,hello,good.png,fake\n2,x,,real\n");
    String spec = "csv:" + folder.resolve("posts.csv");
    Path out = folder.resolve("new/posts.jsonl");
    CanonicalPosts.importFrom(DataSpec.parse(spec, DataOptions.DEFAULT), out, Progress.NONE);
    assertThat(World.load(out.toString(), DataOptions.DEFAULT).fingerprint())
        .isEqualTo(World.load(spec, DataOptions.DEFAULT).fingerprint());
  }

  @Test
  void brokenLinesAreSkippedWithTheirPlace() throws IOException {
    Path file =
        World.text(
            folder.resolve("posts.jsonl"),
            "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\n[1]\n{\"text\":\"b\"}\n\n{\"id\":5,\"text\":\"c\"}\n");
    World.Read read = World.read(file.toString());
    assertThat(read.posts()).extracting(Post::id).containsExactly("1", "5");
    assertThat(read.skipped())
        .extracting(p -> p.reason() + " " + p.source().line())
        .containsExactly("broken_line 2", "broken_line 3", "no_id 4");
  }

  @Test
  void jsonLinesWithOtherKeysAreMapped() throws IOException {
    Path file =
        World.text(
            folder.resolve("posts.jsonl"),
            "{\"key\":1,\"body\":\"a\"}\n{\"key\":2,\"body\":\"b\",\"pic\":[\"x.jpg\",\"y.jpg\"]}\n");
    DataOptions options =
        DataOptions.DEFAULT.withColumns(
            DataOptions.parseColumns(List.of("id=key", "text=body", "images=pic")));
    World.Read read = World.read("jsonl:" + file, options);
    assertThat(read.post("2").images()).hasSize(2);
    assertThatThrownBy(
            () ->
                World.read(
                    "jsonl:" + file,
                    DataOptions.DEFAULT.withColumns(
                        DataOptions.parseColumns(List.of("id=key", "label=truth")))))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'truth'")
        .hasMessageContaining("key, body, pic");
  }

  @Test
  void aFolderInPlaceOfAFileIsWrongUse() {
    assertThatThrownBy(() -> World.read(folder.toString()))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("is a folder");
  }
}
