package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableReaderTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("posts.csv");
  }

  private World.Read read(String content) throws IOException {
    World.text(file, content);
    return World.read("csv:" + file);
  }

  private World.Read read(String content, String... pairs) throws IOException {
    World.text(file, content);
    Map<String, String> columns = DataOptions.parseColumns(List.of(pairs));
    return World.read("csv:" + file, DataOptions.DEFAULT.withColumns(columns));
  }

  @Test
  void quotedCellsMayHoldDelimitersQuotesAndLineBreaks() throws IOException {
    World.Read read = read("id,text,label\n1,\"a, \"\"b\"\"\nc\",fake\n2,d,real\n");
    assertThat(read.post("1").text()).isEqualTo("a, \"b\"\nc");
    assertThat(read.post("2").source().orElseThrow().line()).isEqualTo(4);
  }

  @Test
  void quotesInsideAnUnquotedCellAreItsText() throws IOException {
    assertThat(read("id,text\n1,he said \"no\" and left\n").post("1").text())
        .isEqualTo("he said \"no\" and left");
  }

  @Test
  void aQuoteThatNobodyClosesCostsOnePost() throws IOException {
    StringBuilder content = new StringBuilder("id,text\n1,\"open\n");
    for (int i = 2; i <= 400; i++) {
      content.append(i).append(",text\n");
    }
    World.Read read = read(content.toString());
    assertThat(read.posts()).hasSize(399);
    assertThat(read.skipped())
        .extracting(p -> p.reason() + " " + p.source().line())
        .containsExactly("broken_line 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void theDelimiterIsTheOneOfTheHeader(String delimiter) throws IOException {
    String content = "id,text,label\n1,hello,fake\n".replace(",", delimiter);
    assertThat(read(content).post("1").label()).contains("fake");
  }

  @Test
  void columnsAreMappedAndSeveralImagesAreSplitByABar() throws IOException {
    Post post =
        read(
                "key,Body,pic,verdict,when\n7,hi,a.jpg|b.png,FAKE,2020-01-02\n",
                "id=key",
                "text=Body",
                "image=pic",
                "label=verdict",
                "time=when")
            .post("7");
    assertThat(post.images()).containsExactly(folder.resolve("a.jpg"), folder.resolve("b.png"));
    assertThat(post.label()).contains("FAKE");
    assertThat(post.time().orElseThrow().toString()).isEqualTo("2020-01-02T00:00Z");
  }

  @Test
  void byteOrderMarkCarriageReturnsAndOtherCaseOfNamesAreFine() throws IOException {
    assertThat(read("\uFEFFID,Text\r\n1,hello\r\n").post("1").text()).isEqualTo("hello");
  }

  @Test
  void rowsWithoutIdOrWithOtherColumnsAreSkipped() throws IOException {
    World.Read read = read("id,text\n,hello\n2,a,b\n\n3,c\n");
    assertThat(read.posts()).extracting(Post::id).containsExactly("3");
    assertThat(read.skipped())
        .extracting(p -> p.reason() + " " + p.source().line())
        .containsExactly("no_id 2", "broken_line 3");
  }

  @Test
  void missingColumnsListWhatThereIs() {
    assertThatThrownBy(() -> read("key,text\n"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'id'")
        .hasMessageContaining("key, text");
    assertThatThrownBy(() -> read("id,text\n", "label=nocolumn"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("nocolumn");
    assertThatThrownBy(() -> read("id,label\n"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'text'");
    assertThatThrownBy(() -> read(""))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> read("id,id\n"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("two columns");
  }

  @Test
  void aWrongSplitSaysWhichAreKnown() {
    assertThatThrownBy(() -> read("id,text,split\n1,a,sideways\n"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("posts.csv:2")
        .hasMessageContaining("train, validation or test");
  }
}
