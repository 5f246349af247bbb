"""int8 graphs of an fp32 graph, each way that is usual, and how near to fp32 their features are.

Beside `<stem>.onnx` are written
  <stem>_quantized.onnx   dynamic: activations are scaled run by run (`DynamicQuantizeLinear`), as the hub's exports are
  <stem>_static.onnx      static: activations are scaled by what calibration inputs showed (QDQ)
  <stem>_weights.onnx     weights alone in 8 bits; activations are scaled row by row (`MatMulNBits`)
and `quantised.json`: for each graph and output the lowest and the mean cosine with fp32 over inputs that did not calibrate.
"""

import json
import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer

from inputs import Preparation

CALIBRATION = 32
HELD_OUT = 64
MAX_TOKENS = 64
SEED = 7


def text(graph: Path, tokenizer: Tokenizer, texts: list[str], inputs: list[str]) -> None:
    """Quantises a text encoder; calibrates with one text a run."""
    cut = Tokenizer.from_str(tokenizer.to_str())
    cut.enable_truncation(MAX_TOKENS)
    runs = []
    for index in sample(len(texts)):
        ids = np.asarray([cut.encode(texts[index]).ids], np.int64)
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        runs.append({name: values[name] for name in inputs})
    quantise(graph, runs)


def image(graph: Path, preparation: Preparation, files: list[Path]) -> None:
    """Quantises an image encoder; calibrates with one image a run."""
    quantise(graph, [{"pixel_values": preparation.pixels(files[index])[None]} for index in sample(len(files))])


def sample(count: int) -> np.ndarray:
    return np.random.default_rng(SEED).permutation(count)[: CALIBRATION + HELD_OUT]


class Calibration(CalibrationDataReader):
    def __init__(self, runs: list[dict]):
        self.runs = iter(runs)

    def get_next(self):
        return next(self.runs, None)


def quantise(graph: Path, runs: list[dict]) -> None:
    # its advice to pre-process, which was followed
    logging.disable(logging.WARNING)
    dynamic, static, weights = (
        graph.with_name(f"{graph.stem}_{way}.onnx") for way in ("quantized", "static", "weights")
    )
    with tempfile.TemporaryDirectory(dir=graph.parent) as folder:
        shaped = Path(folder) / "shaped.onnx"
        quant_pre_process(str(graph), str(shaped), skip_symbolic_shape=True)
        quantize_dynamic(shaped, dynamic, weight_type=QuantType.QInt8)
        quantize_static(
            shaped,
            static,
            Calibration(runs[:CALIBRATION]),
            QuantFormat.QDQ,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    by_weights = MatMulNBitsQuantizer(onnx.load(graph), bits=8, block_size=128, is_symmetric=True, accuracy_level=4)
    by_weights.process()
    by_weights.model.save_model_to_file(str(weights))
    logging.disable(logging.NOTSET)

    wanted = features(graph, runs[CALIBRATION:])
    found = {}
    for path in (dynamic, static, weights):
        found[path.name] = {}
        for name, values in features(path, runs[CALIBRATION:]).items():
            cosines = [cosine(a, b) for a, b in zip(values, wanted[name])]
            found[path.name][name] = {"lowest": min(cosines), "mean": float(np.mean(cosines))}
            print(f"  {path.name} {name}: cosine with fp32 at least {min(cosines):.5f}", flush=True)
    report = graph.with_name("quantised.json")
    known = json.loads(report.read_text()) if report.is_file() else {}
    report.write_text(json.dumps(known | found, indent=2) + "\n")


def features(graph: Path, runs: list[dict]) -> dict[str, list[np.ndarray]]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    rows = [session.run(names, run) for run in runs]
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))
