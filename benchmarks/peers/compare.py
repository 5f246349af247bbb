"""Equipoise beside the usual ways in Python: the same models, the same inputs, in turn; prints one table.

usage: compare.py --data DIR --models DIR --work DIR [--equipoise FILE] [--only PART,...] [--rounds N] ...

  parts  bert-base, minilm   distinct texts cut at 64 tokens
         clip-vit-b32, swin-t distinct images
         posts                posts as they are, repeats included: bert-base, swin-t, clip-vit-b32
         int8                 Equipoise alone: int8 graphs beside fp32

Every round measures each way once, each in a process of its own, so that a machine that grows slower slows all of them.
Each measurement says which share of the machine other programs took meanwhile; above --others it is left out of the table,
which shows each way's median. Results go to WORK/results.jsonl too, one measurement a line, and are added to what is there;
--table prints the table of those alone.

--cpu compares seconds of processor time instead, on one thread if --threads says nothing else: each way runs with all items
and with a quarter of them, and the difference is what the rest took, without starting, loading and warming up. It hardly
depends on what else the machine does, which is for machines that are never quiet.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from inputs import Posts, WrongUse

HERE = Path(__file__).parent
TEXT_WAYS = ("transformers", "ort-plain", "ort-best")
CLEANING = "cleaning: {newlines: false, entities: false, urls: keep, mentions: keep, spaces: false}"
TEXT = "output: pooler_output, max_tokens: 64, "
GRAPHS = {"fp32": "", "int8 dynamic": "_quantized", "int8 static": "_static"}
EQUIPOISE = "Equipoise"


class Machine:
    """How busy the processors are, and who keeps them so."""

    def __init__(self):
        self.start = time.perf_counter()
        self.busy = self.all_busy()
        self.own = self.own_busy()

    @staticmethod
    def all_busy() -> float:
        """Seconds that all processors together were busy since the machine started."""
        fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        idle = fields[3] + fields[4]
        return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def own_busy() -> float:
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(use.ru_utime + use.ru_stime for use in both)

    def others(self) -> float:
        """The share of the machine that other programs took since this object was made."""
        passed = time.perf_counter() - self.start
        taken = (self.all_busy() - self.busy) - (self.own_busy() - self.own)
        return max(0.0, taken / passed / os.cpu_count())

    @classmethod
    def await_quiet(cls, share: float, seconds: float) -> None:
        """Waits until others take no more than a share, but no longer than so many seconds."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            machine = cls()
            time.sleep(1)
            if machine.others() <= share:
                return


class Comparison:
    def __init__(self, arguments):
        self.arguments = arguments
        self.models = arguments.models.resolve()
        self.work = arguments.work.resolve()
        self.results = self.work / ("results-cpu.jsonl" if arguments.cpu else "results.jsonl")
        self.work.mkdir(parents=True, exist_ok=True)

    def write_inputs(self) -> None:
        """The same inputs as the peers' in Equipoise's own format."""
        posts = Posts(self.arguments.data)
        texts = [{"text": text} for text in posts.some_texts(self.arguments.texts)]
        images = [{"images": [str(file.resolve())]} for file in posts.distinct_images()[: self.arguments.images]]
        both = [
            {"text": text, "images": [str(file.resolve())]}
            for text, file in posts.first_with_both(self.arguments.posts)
        ]
        for name, rows in (("texts", texts), ("images", images), ("posts", both)):
            with self.input(name).open("w", encoding="utf-8") as lines:
                for number, row in enumerate(rows):
                    lines.write(json.dumps({"id": str(number)} | row) + "\n")

    def input(self, name: str) -> Path:
        return self.work / f"{name}.jsonl"

    def encoders(self, name: str, views: dict[str, tuple[str, str]]) -> Path:
        """An encoders' file; views: model and settings by view."""
        lines = ["format_version: 1", CLEANING, "views:"]
        for view, (model, settings) in views.items():
            lines += [f"  - view: {view}", f"    encoder: {self.models / model}", f"    settings: {{{settings}}}"]
        path = self.work / f"{name}.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def text_encoder(self, model: str, graph: str = "") -> Path:
        return self.encoders(
            f"{model}{graph}", {"text": (model, f"{TEXT}graph: onnx/model{graph}.onnx")}
        )

    def ways(self, part: str) -> dict[str, list[str]]:
        """Commands by way; the first column of the table."""
        if part in ("bert-base", "minilm"):
            ways = {way: self.peer(f"text:{way}", "--model", part) for way in TEXT_WAYS}
            if part == "bert-base" and not self.arguments.cpu:
                ways["matrix products alone"] = self.peer("matrix", "--model", part)
            return ways | {EQUIPOISE: self.encode("texts", self.text_encoder(part))}
        if part in ("clip-vit-b32", "swin-t"):
            ways = {way: self.peer(f"image:{way}", "--model", part) for way in TEXT_WAYS}
            encoders = self.encoders(part, {"image": self.image_view(part)})
            return ways | {EQUIPOISE: self.encode("images", encoders)}
        if part == "posts":
            views = {"text": ("bert-base", TEXT + "graph: onnx/model.onnx")}
            views |= {model.replace("-", "_"): self.image_view(model) for model in ("swin-t", "clip-vit-b32")}
            encoders = self.encoders("posts", views)
            return {"transformers": self.peer("posts:transformers"), EQUIPOISE: self.encode("posts", encoders)}
        return {
            f"{EQUIPOISE}, {model}, {kind}": self.encode("texts", self.text_encoder(model, graph))
            for model in ("bert-base", "minilm")
            for kind, graph in GRAPHS.items()
        }

    @staticmethod
    def image_view(model: str) -> tuple[str, str]:
        return model, "output: logits" if model == "swin-t" else "modality: image, output: image_embeds"

    def peer(self, way: str, *more: str) -> list[str]:
        arguments = self.arguments
        inputs = ["--data", str(arguments.data), "--models", str(self.models), "--threads", str(arguments.threads)]
        sizes = ["--texts", str(arguments.texts), "--images", str(arguments.images), "--posts", str(arguments.posts)]
        return [sys.executable, str(HERE / "peer.py"), way, *inputs, *sizes, *more]

    def encode(self, inputs: str, encoders: Path) -> list[str]:
        bench = [str(self.arguments.equipoise), "bench", "encode", "--json", "--quiet"]
        return [*bench, "--threads", str(self.arguments.threads), "--encoders", str(encoders), "--data", f"jsonl:{self.input(inputs)}"]

    def run(self) -> None:
        self.write_inputs()
        part_of = self.quarter()
        for number in range(self.arguments.rounds):
            for part in self.arguments.only.split(","):
                fewer = part_of.ways(part)
                for way, command in self.ways(part).items():
                    if self.arguments.cpu:
                        self.measure_cpu(part, way, command, fewer[way])
                    else:
                        self.measure(part, way, command)
            print(f"round {number + 1} of {self.arguments.rounds} done", file=sys.stderr, flush=True)

    def quarter(self) -> "Comparison":
        """The same with a quarter of the items."""
        fewer = argparse.Namespace(**vars(self.arguments))
        fewer.texts, fewer.images, fewer.posts = fewer.texts // 4, fewer.images // 4, fewer.posts // 4
        fewer.work = self.work / "quarter"
        made = Comparison(fewer)
        made.write_inputs()
        return made

    def measure(self, part: str, way: str, command: list[str]) -> None:
        Machine.await_quiet(self.arguments.others, self.arguments.wait)
        machine = Machine()
        found = self.found(command)
        self.note(part, way, found["per_second"], machine.others(), found)

    def measure_cpu(self, part: str, way: str, command: list[str], fewer: list[str]) -> None:
        machine = Machine()
        found = self.found(command)
        all_items = Machine.own_busy() - machine.own
        between = Machine()
        quarter = self.found(fewer)
        some_items = Machine.own_busy() - between.own
        items = self.items(found) - self.items(quarter)
        self.note(part, way, items / max(1e-3, all_items - some_items), machine.others(), found)

    @staticmethod
    def items(found: dict) -> float:
        """How many a measurement worked through."""
        return found["items"] if "items" in found else found["per_second"] * found["milliseconds"]["median"] / 1000

    @staticmethod
    def found(command: list[str]) -> dict:
        # these settings slow a current numpy down
        environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode != 0:
            raise WrongUse(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
        return json.loads(done.stdout[done.stdout.index("{") :])

    def note(self, part: str, way: str, rate: float, others: float, found: dict) -> None:
        line = {"part": part, "way": way, "per_second": rate, "others": others, "found": found}
        with self.results.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
        unit = "a second of processor time" if self.arguments.cpu else "a second"
        print(f"{part}: {way}: {rate:.1f} {unit} ({others:.0%} taken by others)", file=sys.stderr, flush=True)

    def table(self) -> str:
        """Markdown; ratios are Equipoise's median over the other way's."""
        if not self.results.is_file():
            raise WrongUse(f"{self.results} does not exist: nothing was measured yet")
        rates: dict[tuple[str, str], list[float]] = {}
        for line in self.results.read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            if self.arguments.cpu or found["others"] <= self.arguments.others:
                rates.setdefault((found["part"], found["way"]), []).append(found["per_second"])
        unit = "a second of processor time" if self.arguments.cpu else "a second"
        rows = [f"| part | way | {unit} | lowest to highest | Equipoise is |", "| --- | --- | --- | --- | --- |"]
        for (part, way), values in sorted(rates.items()):
            median = statistics.median(values)
            own = rates.get((part, EQUIPOISE)) or rates.get((part, f"{way.rsplit(', ', 1)[0]}, fp32"))
            ratio = statistics.median(own) / median if own else 0
            said = f"{ratio:.2f} times" if ratio and way != EQUIPOISE else ""
            if part == "int8":
                said = f"{1 / ratio:.2f} times fp32"
            rows.append(f"| {part} | {way} | {median:.1f} | {min(values):.1f} to {max(values):.1f} of {len(values)} | {said} |")
        return "\n".join(rows)


def parse() -> argparse.Namespace:
    parts = "bert-base,minilm,clip-vit-b32,swin-t,posts,int8"
    made = argparse.ArgumentParser(description="Measures Equipoise beside the usual ways in Python.")
    made.add_argument("--data", type=Path, required=True, help="folder with mediaeval2016/devset/posts.txt")
    made.add_argument("--models", type=Path, required=True, help="where make_models.py wrote")
    made.add_argument("--work", type=Path, required=True, help="inputs and results go there")
    made.add_argument("--equipoise", type=Path, default=HERE.parents[1] / "equipoise", help="the program")
    made.add_argument("--only", default=parts, help="parts, split by commas (default: all)")
    made.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    made.add_argument("--texts", type=int, default=1000, help="distinct texts (default: %(default)s)")
    made.add_argument("--images", type=int, default=400, help="distinct images, at most (default: %(default)s)")
    made.add_argument("--posts", type=int, default=500, help="posts with text and image (default: %(default)s)")
    made.add_argument("--threads", type=int, help="for every way (default: all cores; with --cpu one)")
    made.add_argument("--others", type=float, default=0.05, help="share of the machine (default: %(default)s)")
    made.add_argument("--wait", type=float, default=0, help="seconds to wait for quiet before each (default: 0)")
    made.add_argument("--cpu", action="store_true", help="compare processor time")
    made.add_argument("--table", action="store_true", help="measure nothing, print the table of what was measured")
    arguments = made.parse_args()
    arguments.threads = arguments.threads or (1 if arguments.cpu else os.cpu_count())
    if unknown := [part for part in arguments.only.split(",") if part not in parts.split(",")]:
        raise WrongUse(f"no part {', '.join(unknown)}; there are {parts}")
    return arguments


def main() -> None:
    comparison = Comparison(parse())
    if not comparison.arguments.table:
        comparison.run()
    print(comparison.table())


if __name__ == "__main__":
    try:
        main()
    except WrongUse as e:
        sys.exit(f"compare.py: {e}")
