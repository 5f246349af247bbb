package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Dataset;
import org.equipoise.lab.bench.DecodeBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench decode}. */
@Command(
    name = "decode",
    description =
        "Decoding pictures and resizing them to 224 pixels: those of --data or --images, else drawn"
            + " ones.")
final class BenchDecodeCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Given data;

  @Option(
      names = "--images",
      paramLabel = "folder/",
      description = "A folder of pictures, with all folders in it.")
  private Path images;

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Mixin private RepeatsOption.OnceForData repeats;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) throws IOException {
    int threads = threads();
    Optional<DataSpec> posts = data.spec(seed, threads);
    List<Path> files = files(posts);
    DecodeBench bench = new DecodeBench(threads, repeats.count(!files.isEmpty()), files);
    MeasurementText.print(bench.run(), json.asked(), console);
  }

  private List<Path> files(Optional<DataSpec> posts) throws IOException {
    if (images == null && posts.isEmpty()) {
      return List.of();
    }
    if (images != null && posts.isPresent()) {
      throw new WrongUseException("--data and --images both name pictures; leave one out");
    }
    List<Path> files =
        images == null
            ? Dataset.load(posts.get(), progress()).participating().posts().stream()
                .flatMap(post -> post.images().stream())
                .distinct()
                .filter(Files::isRegularFile)
                .toList()
            : inFolder();
    if (files.isEmpty()) {
      throw new WrongUseException("there is no file to decode");
    }
    return files;
  }

  private List<Path> inFolder() throws IOException {
    if (!Files.isDirectory(images)) {
      throw new WrongUseException("--images " + images + " is not a folder");
    }
    try (Stream<Path> files = Files.walk(images)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
