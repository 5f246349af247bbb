"""Decoding and preparing images: Pillow beside Equipoise, in turns on the same files.

usage: decode.py FOLDER... --java CLASSPATH [--rounds N] [--threads N] [--processes] [--crop]

Both sides read every file of the folders, decode it, resize it (bicubic) to 224 x 224 (with --crop: the shorter edge to 224,
then the middle) and normalise it to float32, channels first. A round is one pass over all files by each side; the side that
goes second in one round goes first in the next. Each side keeps its threads (Pillow with --processes: processes) all the
time. Pillow's side runs twice: normalised by numpy's arithmetic, as image processors do, and by a table of 256 floats a
channel. CLASSPATH holds the classes of the module `benchmarks` and what they need.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps, features

EDGE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
TABLES = ((np.arange(256) * (1 / 255)).astype(np.float32)[:, None] - MEAN) / DEVIATION
WARM_UP = 3


def decoded(path: Path) -> Image.Image:
    image = Image.open(path)
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def resized(image: Image.Image, crop: bool) -> Image.Image:
    if not crop:
        return image.resize((EDGE, EDGE), Image.Resampling.BICUBIC)
    width, height = image.size
    if width <= height:
        size = (EDGE, EDGE * height // width)
    else:
        size = (EDGE * width // height, EDGE)
    left, top = (size[0] - EDGE) // 2, (size[1] - EDGE) // 2
    return image.resize(size, Image.Resampling.BICUBIC).crop((left, top, left + EDGE, top + EDGE))


def arithmetic(pixels: np.ndarray) -> np.ndarray:
    values = (pixels * (1 / 255)).astype(np.float32)
    return np.ascontiguousarray(((values - MEAN) / DEVIATION).transpose(2, 0, 1))


def table(pixels: np.ndarray) -> np.ndarray:
    return np.stack([np.take(TABLES[:, channel], pixels[..., channel]) for channel in range(3)])


def prepare(paths: list[Path], crop: bool, normalise) -> int:
    """Prepares files and returns how many values that made."""
    return sum(normalise(np.asarray(resized(decoded(path), crop))).size for path in paths)


def readable(path: Path) -> bool:
    try:
        decoded(path)
    except OSError:
        return False
    return True


class Pillow:
    def __init__(self, paths, threads, processes, crop, normalise):
        self.name = f"pillow, {normalise.__name__}"
        self.pool = (ProcessPoolExecutor if processes else ThreadPoolExecutor)(threads)
        self.parts = [paths[i : i + 8] for i in range(0, len(paths), 8)]
        self.crop, self.normalise = crop, normalise

    def seconds(self) -> float:
        start = time.perf_counter()
        for result in [self.pool.submit(prepare, part, self.crop, self.normalise) for part in self.parts]:
            result.result()
        return time.perf_counter() - start


class Equipoise:
    name = "equipoise"

    def __init__(self, paths, threads, crop, classpath):
        command = ["java", "-cp", classpath, "org.equipoise.benchmarks.PreparationPeer", str(threads), str(EDGE)]
        command.append("crop" if crop else "exact")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write("".join(f"{path}\n" for path in paths) + "\n")

    def seconds(self) -> float:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--java", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--processes", action="store_true")
    parser.add_argument("--crop", action="store_true")
    options = parser.parse_args()
    files = sorted(path for folder in options.folders for path in folder.iterdir() if path.is_file())
    paths = [path for path in files if readable(path)]
    sides = [Pillow(paths, options.threads, options.processes, options.crop, way) for way in (arithmetic, table)]
    sides.append(Equipoise(paths, options.threads, options.crop, options.java))
    seconds = {side.name: [] for side in sides}
    for turn in range(-WARM_UP, options.rounds):
        for side in sides if turn % 2 else sides[::-1]:
            taken = side.seconds()
            if turn >= 0:
                seconds[side.name].append(taken)
    result = {
        "images": len(paths),
        "left_out": len(files) - len(paths),
        "threads": options.threads,
        "pillow": PIL.__version__,
        "libjpeg_turbo": features.version("libjpeg_turbo"),
    }
    for name, taken in seconds.items():
        ratios = [one / ours for one, ours in zip(taken, seconds[Equipoise.name])]
        result[name] = {
            "images_per_second": round(len(paths) / statistics.median(taken), 1),
            "images_per_second_best": round(len(paths) / min(taken), 1),
            "equipoise_is_faster_by": round(statistics.median(ratios), 2),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
