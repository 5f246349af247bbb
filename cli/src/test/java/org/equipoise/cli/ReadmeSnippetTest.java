package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeSnippetTest {
  @TempDir Path classes;

  @Test
  void the_java_of_the_readme_compiles() throws Exception {
    List<MarkdownBlock> blocks =
        MarkdownBlock.of(MarkdownBlock.repository().resolve("README.md"), "java");

    assertThat(blocks).isNotEmpty();
    for (MarkdownBlock block : blocks) {
      String source = String.join("\n", block.lines());
      assertThat(source).contains("Detector.load(").contains(".score(");
      assertThat(compile(source)).as("line %d", block.line()).isEmpty();
    }
  }

  private List<String> compile(String source) {
    String name = source.replaceFirst("(?s).*?class (\\w+).*", "$1");
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<String> options =
        List.of("-cp", System.getProperty("java.class.path"), "-d", classes.toString());
    compiler.getTask(null, null, diagnostics, options, null, List.of(file)).call();
    List<String> messages = new ArrayList<>();
    for (Diagnostic<?> diagnostic : diagnostics.getDiagnostics()) {
      messages.add(diagnostic.toString());
    }
    return messages;
  }
}
