package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSpecTest {
  private static DataSpec parse(String text) {
    return DataSpec.parse(text, DataOptions.DEFAULT);
  }

  @Test
  void aWordBeforeTheColonIsTheFormatInAnyCase() {
    assertThat(parse("Twitter:/a/b").format()).isEqualTo(DataFormat.TWITTER);
    assertThat(parse("csv:a:b").path()).isEqualTo(Path.of("a:b"));
    assertThat(parse("weibo:x/weibo").name()).isEqualTo("weibo:weibo");
  }

  @Test
  void aPathWithoutAFormatIsACanonicalFileAndADriveIsNoFormat() {
    assertThat(parse("a/posts.jsonl").format()).isEqualTo(DataFormat.CANONICAL);
    assertThat(parse("C:\\posts.jsonl").format()).isEqualTo(DataFormat.CANONICAL);
    assertThat(parse("a/posts.jsonl").toString()).isEqualTo(Path.of("a/posts.jsonl").toString());
  }

  @Test
  void anUnknownFormatIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> parse("ftp:/x"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'ftp'")
        .hasMessageContaining("twitter, weibo, fakeddit, csv, jsonl");
    assertThatThrownBy(() -> parse("twitter:"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("path");
  }

  @Test
  void samplesAreOneNumberOrTwo() {
    assertThat(DataOptions.Sample.parse("30000,10000")).hasToString("30000,10000");
    assertThat(DataOptions.Sample.parse("5").test()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "1,2,3", "0", "5,0", "-1", "1,"})
  void otherSamplesAreWrongUse(String text) {
    assertThatThrownBy(() -> DataOptions.Sample.parse(text)).isInstanceOf(WrongUseException.class);
  }

  @Test
  void mapsNameFieldsAndColumns() {
    assertThat(DataOptions.parseColumns(List.of("image=a=b", "text= body ")))
        .containsEntry("images", "a=b")
        .containsEntry("text", "body");
    assertThatThrownBy(() -> DataOptions.parseColumns(List.of("text")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("field=column");
    assertThatThrownBy(() -> DataOptions.parseColumns(List.of("txt=a")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("did you mean 'text'");
    assertThatThrownBy(() -> DataOptions.DEFAULT.withLabels(4))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("2, 3 or 6");
  }
}
