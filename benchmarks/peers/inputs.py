"""The Twitter posts' texts and images as they are distributed, and images prepared the usual way."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SEED = 7


class WrongUse(Exception):
    """What the user must mend; printed without a traceback."""


class Posts:
    """Posts in file order: every post's text, and the image of each post that has one."""

    def __init__(self, data: Path):
        folder = data / "mediaeval2016" / "devset"
        table = folder / "posts.txt"
        if not table.is_file():
            raise WrongUse(f"{table} does not exist; --data names the folder that holds mediaeval2016/devset/posts.txt")
        images = {}
        for path in sorted((folder / "Mediaeval2016_DevSet_Images").iterdir()):
            images.setdefault(path.stem, path)
        self.texts, self.images = [], []
        with table.open(encoding="utf-8", newline="") as lines:
            for post in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                ids = [name.strip() for name in post["image_id(s)"].split(",")]
                self.texts.append(post["post_text"])
                self.images.append(next((images[name] for name in ids if name in images), None))

    def distinct_texts(self) -> list[str]:
        return list(dict.fromkeys(self.texts))

    def some_texts(self, count: int) -> list[str]:
        """Distinct texts drawn by a fixed seed, in file order."""
        texts = self.distinct_texts()
        drawn = np.random.default_rng(SEED).permutation(len(texts))[:count]
        return [texts[index] for index in sorted(drawn)]

    def distinct_images(self) -> list[Path]:
        return list(dict.fromkeys(path for path in self.images if path))

    def first_with_both(self, count: int) -> list[tuple[str, Path]]:
        """The first posts that have text and image, repeats included."""
        both = [(text, image) for text, image in zip(self.texts, self.images) if text and image]
        return both[:count]


def rgb(path: Path) -> Image.Image:
    """A file's first picture, turned as EXIF says, transparency on white."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file)
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")


class Preparation:
    """`preprocessor_config.json` by Pillow and numpy: what CLIP's and Swin's image processors do on a CPU."""

    def __init__(self, config: dict):
        self.size = config["size"]
        self.crop = config["crop_size"]["height"] if config.get("do_center_crop") else None
        mean = np.asarray(config["image_mean"], np.float32)[:, None, None]
        deviation = np.asarray(config["image_std"], np.float32)[:, None, None]
        self.scale = np.float32(1 / 255) / deviation
        self.shift = mean / deviation

    def pixels(self, path: Path) -> np.ndarray:
        """One image file as `pixel_values` [3, H, W]."""
        image = rgb(path)
        if "shortest_edge" in self.size:
            edge = self.size["shortest_edge"]
            width, height = image.size
            short = min(width, height)
            image = image.resize((edge * width // short, edge * height // short), Image.Resampling.BICUBIC)
            left, top = (image.width - self.crop) // 2, (image.height - self.crop) // 2
            image = image.crop((left, top, left + self.crop, top + self.crop))
        else:
            image = image.resize((self.size["width"], self.size["height"]), Image.Resampling.BICUBIC)
        values = np.asarray(image, np.uint8).transpose(2, 0, 1).astype(np.float32)
        values *= self.scale
        values -= self.shift
        return values
