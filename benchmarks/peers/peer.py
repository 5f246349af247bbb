"""One measurement of one usual way in Python; prints one JSON object.

usage: peer.py WAY --data DIR --models DIR [--model NAME] [--texts N] [--images N] [--posts N] [--threads N]

  WAY  text:transformers  text:ort-plain  text:ort-best    the models bert-base and minilm
       image:transformers image:ort-plain image:ort-best   the models clip-vit-b32 and swin-t
       posts:transformers                                  bert-base, swin-t and clip-vit-b32 of each post
       matrix                                              the matrix products alone

Every text and every image is distinct, but for posts:transformers. Texts are cut at 64 tokens. Tokenising, decoding and
preparing count; loading models and one batch to warm up do not. `transformers` and `ort-plain` take batches of 32 in file
order, padded to the longest of the batch. `ort-best` sorts by length and tries batch sizes and thread counts first.
"""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from inputs import Posts, Preparation, WrongUse

MAX_TOKENS = 64
BATCH = 32
TEXT_MODELS = ("bert-base", "minilm")
IMAGE_MODELS = ("clip-vit-b32", "swin-t")
IMAGE_GRAPHS = {"clip-vit-b32": ("vision_model.onnx", "image_embeds"), "swin-t": ("model.onnx", "logits")}
TRIED_BATCHES = (1, 4, 8, 16, 32)
TRIAL_ITEMS = 64


def batches(items: list, size: int) -> list[list]:
    return [items[i : i + size] for i in range(0, len(items), size)]


def tokenizer(folder: Path):
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(folder / "tokenizer.json"))
    made.enable_truncation(MAX_TOKENS)
    made.no_padding()
    return made


def padded(ids: list[list[int]]) -> dict[str, np.ndarray]:
    """Token ids as a model's inputs, padded on the right to the longest."""
    longest = max(map(len, ids))
    values = np.zeros((len(ids), longest), np.int64)
    mask = np.zeros_like(values)
    for row, tokens in enumerate(ids):
        values[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return {"input_ids": values, "attention_mask": mask, "token_type_ids": np.zeros_like(values)}


def preparation(folder: Path) -> Preparation:
    return Preparation(json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8")))


def session(graph: Path, intra: int | None, side_by_side: bool):
    """A session; intra None: ONNX Runtime's own choice, as most scripts leave it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if intra is not None:
        options.intra_op_num_threads = intra
    if side_by_side:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def plain_threads(threads: int) -> int | None:
    return None if threads == os.cpu_count() else threads


class Transformers:
    """Models by `transformers` on PyTorch, eager, as loaded."""

    def __init__(self, models: Path, threads: int):
        import torch
        import transformers

        self.torch, self.models = torch, models
        self.classes = {
            "bert-base": transformers.BertModel,
            "minilm": transformers.BertModel,
            "clip-vit-b32": transformers.CLIPVisionModelWithProjection,
            "swin-t": transformers.SwinForImageClassification,
        }
        transformers.logging.set_verbosity_error()
        torch.set_num_threads(threads)

    def open(self, name: str):
        """A function from inputs as arrays to features."""
        model = self.classes[name].from_pretrained(self.models / name).eval()
        output = {"clip-vit-b32": "image_embeds", "swin-t": "logits"}.get(name, "pooler_output")

        def run(inputs: dict[str, np.ndarray]) -> np.ndarray:
            with self.torch.inference_mode():
                tensors = {key: self.torch.from_numpy(value) for key, value in inputs.items()}
                return getattr(model(**tensors), output).numpy()

        return run


def timed(work) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def text_in_file_order(run, texts: list[str], folder: Path) -> tuple[float, int]:
    cut = tokenizer(folder)
    run(padded([e.ids for e in cut.encode_batch(texts[:BATCH])]))

    def work() -> int:
        tokens = 0
        for some in batches(texts, BATCH):
            ids = [e.ids for e in cut.encode_batch(some)]
            tokens += sum(map(len, ids))
            run(padded(ids))
        return tokens

    return timed(work)


def image_in_file_order(run, files: list[Path], folder: Path, threads: int) -> float:
    prepare = preparation(folder)
    with ThreadPoolExecutor(threads) as pool:

        def pixels(some: list[Path]) -> dict[str, np.ndarray]:
            return {"pixel_values": np.stack(list(pool.map(prepare.pixels, some)))}

        run(pixels(files[:BATCH]))
        return timed(lambda: [run(pixels(some)) for some in batches(files, BATCH)])[0]


def best(graph: Path, output: str, feeds, trial, threads: int):
    """The fastest of several batch sizes, each with one run on all threads and with a run a thread.

    feeds: from a batch size to the batches, each a function that makes the inputs; trial: the same for a part
    """
    found = None
    for intra, side in dict.fromkeys(((threads, 1), (1, threads))):
        opened = session(graph, intra, side > 1)
        with ThreadPoolExecutor(side) as pool:

            def run(feed) -> np.ndarray:
                return opened.run([output], feed())[0]

            for size in TRIED_BATCHES:
                some = trial(size)
                list(pool.map(run, some[:side]))
                seconds, _ = timed(lambda: list(pool.map(run, some)))
                if found is None or seconds < found[0]:
                    found = (seconds, size, intra, side)
    _, size, intra, side = found
    opened = session(graph, intra, side > 1)
    with ThreadPoolExecutor(side) as pool:

        def run(feed) -> np.ndarray:
            return opened.run([output], feed())[0]

        list(pool.map(run, trial(size)[:side]))
        seconds, _ = timed(lambda: list(pool.map(run, feeds(size))))
    return seconds, {"batch": size, "runs": side, "intra": intra}


def text_best(graph: Path, texts: list[str], folder: Path, threads: int):
    cut = tokenizer(folder)

    def feeds(some: list[str]):
        ids = sorted((e.ids for e in cut.encode_batch(some)), key=len, reverse=True)
        return lambda size: [(lambda part=part: padded(part)) for part in batches(ids, size)]

    part = texts[:: max(1, len(texts) // TRIAL_ITEMS)]
    return best(graph, "pooler_output", lambda size: feeds(texts)(size), feeds(part), threads)


def image_best(graph: Path, output: str, files: list[Path], folder: Path, threads: int):
    prepare = preparation(folder)

    def feeds(some: list[Path]):
        def values(part: list[Path]):
            return lambda: {"pixel_values": np.stack([prepare.pixels(file) for file in part])}

        return lambda size: [values(part) for part in batches(some, size)]

    part = files[:: max(1, len(files) // TRIAL_ITEMS)]
    return best(graph, output, feeds(files), feeds(part), threads)


def sgemm_rate() -> dict[str, float]:
    """Floating-point operations a second of single-precision matrix products, by each library that is here."""
    import onnx
    import onnxruntime
    import torch
    from onnx import TensorProto, helper

    rows, inner, columns = 512, 768, 3072
    a = np.random.default_rng(0).standard_normal((rows, inner), np.float32)
    b = np.random.default_rng(1).standard_normal((inner, columns), np.float32)
    left, right = torch.from_numpy(a), torch.from_numpy(b)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.FLOAT, [rows, inner])],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, [rows, columns])],
        [onnx.numpy_helper.from_array(b, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    product = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rates = {}
    for name, run in {
        "numpy": lambda: a @ b,
        "torch": lambda: left @ right,
        "onnxruntime": lambda: product.run(None, {"a": a}),
    }.items():
        run()
        seconds = min(timed(lambda: [run() for _ in range(20)])[0] for _ in range(10))
        rates[name] = 20 * 2 * rows * inner * columns / seconds
    return rates


def products(folder: Path, lengths: list[int]) -> float:
    """Floating-point operations of a BERT's matrix products over texts of these lengths."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    width, inner = config["hidden_size"], config["intermediate_size"]
    weights = config["num_hidden_layers"] * (4 * width * width + 2 * width * inner)
    return float(sum(2 * weights * n + config["num_hidden_layers"] * 4 * n * n * width for n in lengths))


def measure(arguments, posts: Posts) -> dict:
    way, name, models, threads = arguments.way, arguments.model, arguments.models, arguments.threads
    kind, _, how = way.partition(":")
    found = {"way": way, "model": name, "threads": threads}
    if kind == "text" or way == "matrix":
        texts = posts.some_texts(arguments.texts)
        folder, graph = models / name, models / name / "onnx" / "model.onnx"
        if way == "matrix":
            rates = sgemm_rate()
            work = products(folder, [len(e.ids) for e in tokenizer(folder).encode_batch(texts)])
            seconds = work / max(rates.values())
            found["sgemm"] = rates
        elif how == "transformers":
            seconds, found["tokens"] = text_in_file_order(Transformers(models, threads).open(name), texts, folder)
        elif how == "ort-plain":
            opened = session(graph, plain_threads(threads), False)
            run = lambda inputs: opened.run(["pooler_output"], inputs)[0]
            seconds, found["tokens"] = text_in_file_order(run, texts, folder)
        else:
            seconds, found["settings"] = text_best(graph, texts, folder, threads)
        return found | {"items": len(texts), "seconds": seconds, "per_second": len(texts) / seconds}
    if kind == "posts":
        return found | posts_by_transformers(posts, arguments)
    files = posts.distinct_images()[: arguments.images]
    folder = models / name
    graph, output = IMAGE_GRAPHS[name]
    if how == "transformers":
        seconds = image_in_file_order(Transformers(models, threads).open(name), files, folder, threads)
    elif how == "ort-plain":
        opened = session(folder / "onnx" / graph, plain_threads(threads), False)
        run = lambda inputs: opened.run([output], inputs)[0]
        seconds = image_in_file_order(run, files, folder, threads)
    else:
        seconds, found["settings"] = image_best(folder / "onnx" / graph, output, files, folder, threads)
    return found | {"items": len(files), "seconds": seconds, "per_second": len(files) / seconds}


def posts_by_transformers(posts: Posts, arguments) -> dict:
    """Posts as they are: each post's text and image, however often they were met before."""
    chosen = posts.first_with_both(arguments.posts)
    peer = Transformers(arguments.models, arguments.threads)
    folder = arguments.models / "bert-base"
    seconds, tokens = text_in_file_order(peer.open("bert-base"), [text for text, _ in chosen], folder)
    files = [file for _, file in chosen]
    for name in IMAGE_MODELS:
        seconds += image_in_file_order(peer.open(name), files, arguments.models / name, arguments.threads)
    return {"items": len(chosen), "tokens": tokens, "seconds": seconds, "per_second": len(chosen) / seconds}


def parser() -> argparse.ArgumentParser:
    texts = [f"text:{how}" for how in ("transformers", "ort-plain", "ort-best")]
    images = [f"image:{how}" for how in ("transformers", "ort-plain", "ort-best")]
    made = argparse.ArgumentParser(description="Measures one usual way in Python and prints JSON.")
    made.add_argument("way", choices=texts + images + ["posts:transformers", "matrix"])
    made.add_argument("--data", type=Path, required=True, help="folder with mediaeval2016/devset/posts.txt")
    made.add_argument("--models", type=Path, required=True, help="where make_models.py wrote")
    made.add_argument("--model", choices=TEXT_MODELS + IMAGE_MODELS, help="default: bert-base, or swin-t for images")
    made.add_argument("--texts", type=int, default=1000, help="distinct texts (default: %(default)s)")
    made.add_argument("--images", type=int, default=400, help="distinct images, at most (default: %(default)s)")
    made.add_argument("--posts", type=int, default=500, help="posts with text and image (default: %(default)s)")
    made.add_argument("--threads", type=int, default=os.cpu_count(), help="cores to use (default: %(default)s)")
    return made


def main() -> None:
    arguments = parser().parse_args()
    of_text = arguments.way.startswith(("text", "matrix", "posts"))
    arguments.model = arguments.model or ("bert-base" if of_text else "swin-t")
    if (arguments.model in TEXT_MODELS) != of_text:
        raise WrongUse(f"{arguments.way} does not go with {arguments.model}")
    if not (arguments.models / arguments.model / "config.json").is_file():
        raise WrongUse(f"{arguments.models / arguments.model} has no config.json; run make_models.py first")
    print(json.dumps(measure(arguments, Posts(arguments.data))))


if __name__ == "__main__":
    try:
        main()
    except WrongUse as e:
        sys.exit(f"peer.py: {e}")
