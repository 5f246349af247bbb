"""Decoding and preparing images: Pillow beside Equipoise, in turns on the same files.

usage: decode.py FOLDER... --java CLASSPATH [--rounds N] [--threads N] [--crop]

Both sides read every file of the folders, decode it, resize it (bicubic) to 224 x 224 (with --crop: the shorter edge to 224,
then the middle) and normalise it to float32, channels first. A round is one pass over all files by each side; the side that
goes second in one round goes first in the next. On a machine that does other work too, compare the seconds of CPU: they
count all threads of a side, the Java machine's own included. Pillow's side runs twice: normalised by numpy's arithmetic, as image processors do, and by a table of 256 floats a
channel. CLASSPATH holds the classes of the module `benchmarks` and what they need.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
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
    def __init__(self, paths, threads, crop, normalise):
        self.name = f"pillow, {normalise.__name__}"
        self.pool = ThreadPoolExecutor(threads)
        self.parts = [paths[i : i + 8] for i in range(0, len(paths), 8)]
        self.crop, self.normalise = crop, normalise

    def seconds(self) -> tuple[float, float]:
        start, cpu = time.perf_counter(), time.process_time()
        for result in [self.pool.submit(prepare, part, self.crop, self.normalise) for part in self.parts]:
            result.result()
        return time.perf_counter() - start, time.process_time() - cpu


class Equipoise:
    name = "equipoise"

    def __init__(self, paths, threads, crop, classpath):
        command = ["java", "-cp", classpath, "org.equipoise.benchmarks.PreparationPeer", str(threads), str(EDGE)]
        command.append("crop" if crop else "exact")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write("".join(f"{path}\n" for path in paths) + "\n")

    def seconds(self) -> tuple[float, float]:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        wall, cpu = self.process.stdout.readline().split()
        return float(wall), float(cpu)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--java", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--crop", action="store_true")
    options = parser.parse_args()
    files = sorted(path for folder in options.folders for path in folder.iterdir() if path.is_file())
    paths = [path for path in files if readable(path)]
    sides = [Pillow(paths, options.threads, options.crop, way) for way in (arithmetic, table)]
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
    ours = seconds[Equipoise.name]
    for name, taken in seconds.items():
        result[name] = {
            "images_per_second": round(len(paths) / statistics.median(wall for wall, _ in taken), 1),
            "images_per_cpu_second": round(len(paths) / statistics.median(cpu for _, cpu in taken), 1),
            "images_per_cpu_second_best": round(len(paths) / min(cpu for _, cpu in taken), 1),
            "equipoise_is_faster_by": round(statistics.median(a[0] / b[0] for a, b in zip(taken, ours)), 2),
            "equipoise_is_faster_by_cpu": round(statistics.median(a[1] / b[1] for a, b in zip(taken, ours)), 2),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
