package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
  @TempDir Path folder;
  private String spec;

  @BeforeEach
  void posts() throws IOException {
    World.image(folder.resolve("a.png"), 1);
    World.image(folder.resolve("b.png"), 2);
    World.text(folder.resolve("bad.png"), "");
    spec = "csv:" + folder.resolve("posts.csv");
    World.text(
        folder.resolve("posts.csv"),
        "id,text,images,label,event\n"
            + "1,Hello world,a.png,fake,x\n"
            + "2,hello WORLD!,a.png,real,x\n"
            + "3,,b.png,real,y\n"
            + "4,only text,,fake,y\n"
            + "5,broken,bad.png,fake,y\n"
            + "6,gone,gone.png,fake,y\n"
            + "7,,bad.png,fake,y\n");
  }

  private Dataset load(DataOptions options) {
    return World.load(spec, options.withThreads(2));
  }

  @Test
  void usablePostsHaveATextOrAnImageThatDecodes() {
    Dataset data = load(DataOptions.DEFAULT);
    assertThat(data.posts()).extracting(Post::id).containsExactly("1", "2", "3", "4", "5", "6");
    assertThat(data.posts().get(4).images()).isEmpty();
    assertThat(data.reasons())
        .isEqualTo(Map.of("image_empty", 2, "image_missing", 1, "no_text_no_image", 1));
    assertThat(data.imagesMissing()).isEqualTo(1);
    assertThat(data.skipped().get(0).message()).contains("bad.png");
  }

  @Test
  void incompletePostsTakePartByTheFormatsDefaultOrByChoice() {
    assertThat(load(DataOptions.DEFAULT).participating().posts()).hasSize(6);
    Dataset dropped = load(DataOptions.DEFAULT.withIncomplete(Incomplete.DROP)).participating();
    assertThat(dropped.posts()).extracting(Post::id).containsExactly("1", "2");
    assertThat(dropped.incomplete()).isEqualTo(Incomplete.DROP);
    assertThat(load(DataOptions.DEFAULT).participating(Incomplete.DROP).posts()).hasSize(2);
  }

  @Test
  void noPostThatTakesPartIsWrongUse() throws IOException {
    World.text(folder.resolve("posts.csv"), "id,text\n1,a\n");
    assertThatThrownBy(
            () -> load(DataOptions.DEFAULT.withIncomplete(Incomplete.DROP)).participating())
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("--incomplete keep");
    World.text(folder.resolve("posts.csv"), "id,text\n");
    assertThatThrownBy(() -> load(DataOptions.DEFAULT))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("no usable post");
  }

  @Test
  void theFingerprintFollowsWhatPostsSayAndNotWhereTheyLie() throws IOException {
    String first = load(DataOptions.DEFAULT).fingerprint();
    assertThat(first).matches("[0-9a-f]{64}");
    World.image(folder.resolve("a.png"), 3);
    assertThat(load(DataOptions.DEFAULT).fingerprint()).isNotEqualTo(first);
    World.image(folder.resolve("a.png"), 1);
    assertThat(load(DataOptions.DEFAULT).fingerprint()).isEqualTo(first);
  }

  @Test
  void statsCountPostsImagesAndRepeats() {
    DataStats stats = DataStats.of(load(DataOptions.DEFAULT));
    assertThat(Json.line(stats))
        .startsWith(
            "{\"posts\":6,\"labels\":{\"fake\":4,\"real\":2},\"posts_with_image\":3,"
                + "\"labels_with_image\":{\"fake\":1,\"real\":2},\"images\":2,\"events\":2,"
                + "\"skipped\":1,\"images_missing\":1,"
                + "\"reasons\":{\"image_empty\":2,\"image_missing\":1,\"no_text_no_image\":1}");
    assertThat(stats.repeatedTexts()).isEqualTo(1);
    assertThat(stats.repeatedImages()).isEqualTo(1);
    assertThat(stats.textCharacters()).isEqualTo(new DataStats.Lengths(0, 6, 12, 12));
    assertThat(stats.toText()).contains("posts            6 usable (fake 4, real 2)");
  }

  @Test
  void aSampleKeepsTheSharesOfTheClassesAndCountsPostsThatTakePart() throws IOException {
    StringBuilder table = new StringBuilder("id,text,label\n");
    for (int i = 0; i < 400; i++) {
      String text = i % 10 == 0 ? "" : "text " + i;
      table.append(i).append(',').append(text).append(i % 4 == 1 ? ",real\n" : ",fake\n");
    }
    World.text(folder.resolve("posts.csv"), table.toString());
    DataOptions options =
        DataOptions.DEFAULT.withSample(DataOptions.Sample.parse("60,20")).withSeed(1);
    Dataset drawn = load(options);
    assertThat(drawn.posts()).hasSize(80);
    assertThat(drawn.posts()).filteredOn(p -> p.label().orElse("").equals("real")).hasSize(20);
    assertThat(load(options).fingerprint()).isEqualTo(drawn.fingerprint());
    assertThat(load(options.withSeed(2)).fingerprint()).isNotEqualTo(drawn.fingerprint());
    Splits splits = Splitter.split(drawn, new Splitter.Options(Protocol.RANDOM, 1, Set.of(), 1));
    assertThat(splits.fold(0).test()).hasSize(20);
  }

  @Test
  void aSampleOfADividedSetDrawsFromEachPart() throws IOException {
    StringBuilder table = new StringBuilder("id,text,label,split\n");
    for (int i = 0; i < 100; i++) {
      String split = i < 70 ? "train" : "test";
      table
          .append(i)
          .append(",t")
          .append(i % 2 == 0 ? ",real," : ",fake,")
          .append(split)
          .append('\n');
    }
    World.text(folder.resolve("posts.csv"), table.toString());
    Dataset drawn = load(DataOptions.DEFAULT.withSample(DataOptions.Sample.parse("20,10")));
    assertThat(drawn.posts()).filteredOn(p -> p.split().orElse("").equals("test")).hasSize(10);
    assertThat(drawn.posts()).hasSize(30);
  }
}
