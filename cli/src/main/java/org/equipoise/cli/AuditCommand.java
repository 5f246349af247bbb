package org.equipoise.cli;

import java.nio.file.Path;
import org.equipoise.data.Dataset;
import org.equipoise.data.LeakAudit;
import org.equipoise.data.Splits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data audit}: what test posts share with training posts. */
@Command(
    name = "audit",
    description =
        "Counts what test posts share with training posts, and what looking it up alone scores.")
final class AuditCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Required data;
  @Mixin private JsonOption json;

  @Option(
      names = "--splits",
      required = true,
      paramLabel = "splits.json",
      description = "What data split wrote.")
  private Path file;

  @Override
  void run(Console console) {
    Splits splits = Splits.read(file);
    Dataset posts =
        Dataset.load(data.spec(splits.seed(), threads()), progress())
            .participating(splits.incomplete());
    LeakAudit audit = LeakAudit.of(posts, splits, threads(), progress());
    if (json.asked()) {
      console.json(audit);
    } else {
      console.text(audit.toText());
    }
  }
}
