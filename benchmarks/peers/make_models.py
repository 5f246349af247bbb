"""Makes random-weight models of the usual sizes, each a folder in a hub's layout.

usage: make_models.py --data DIR --work DIR [--tokenizer FILE] [--only NAME,...]

  --data       folder that holds mediaeval2016/devset/posts.txt: trains tokenizers, calibrates int8
  --work       models go to DIR/<name>: config.json, tokenizer.json or preprocessor_config.json,
               onnx/*.onnx (fp32, and int8 in several ways) and model.safetensors for transformers
  --tokenizer  a tokenizer.json for the BERT models with at most 30,522 entries, such as BERT's own;
               without it a WordPiece vocabulary is trained from the posts, which cuts their texts into
               fewer tokens than BERT's own does
  --only       of: bert-base, minilm, clip-vit-b32, swin-t

Speed does not depend on the weights' values. The features mean nothing.
"""

import argparse
import json
import logging
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn

import quantise
from inputs import Posts, Preparation, WrongUse

BERT_VOCABULARY = 30522
CLIP_VOCABULARY = 49408
OPSET = 17
SEED = 7


def wordpiece(texts: list[str]) -> Tokenizer:
    """A lower-casing WordPiece tokenizer as BERT's."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=BERT_VOCABULARY, special_tokens=special, show_progress=False)
    )
    ends = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return tokenizer


def clip_tokenizer(texts: list[str]) -> Tokenizer:
    """A lower-casing byte-level BPE tokenizer as CLIP's."""
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokenizer = Tokenizer(models.BPE(unk_token=end, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=CLIP_VOCABULARY,
        special_tokens=[start, end],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in (start, end)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=ends)
    return tokenizer


def bert_config(tokenizer: Tokenizer, width: int, layers: int) -> transformers.BertConfig:
    return transformers.BertConfig(
        vocab_size=BERT_VOCABULARY,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=4 * width,
        pad_token_id=tokenizer.token_to_id("[PAD]"),
        attn_implementation="eager",
    )


class BertOutputs(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return out.last_hidden_state, out.pooler_output


class ClipText(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        out = self.model(input_ids=input_ids)
        return out.text_embeds, out.last_hidden_state


class ClipVision(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        out = self.model(pixel_values=pixel_values)
        return out.image_embeds, out.last_hidden_state


class SwinOutputs(nn.Module):
    """Logits, pooled features and tokens of one run."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        out = self.model.swin(pixel_values)
        return self.model.classifier(out.pooler_output), out.pooler_output, out.last_hidden_state


def export(module: nn.Module, inputs: dict, outputs: list[str], path: Path, tokens: bool) -> None:
    """Writes a graph as the hub's usual exports are: attention in single operations, batch and length free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = {name: {0: "batch_size", 1: "sequence_length"} if tokens else {0: "batch_size"} for name in inputs}
    axes.update({name: {0: "batch_size"} for name in outputs})
    if tokens:
        axes["last_hidden_state"] = {0: "batch_size", 1: "sequence_length"}
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=OPSET,
            do_constant_folding=True,
            dynamo=False,
        )
    onnx.checker.check_model(str(path))


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def make_bert(folder: Path, width: int, layers: int, tokenizer: Tokenizer, posts: Posts) -> None:
    config = bert_config(tokenizer, width, layers)
    model = transformers.BertModel(config).eval()
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512, "pad_token": "[PAD]"},
    )
    ids = torch.randint(0, 1000, (2, 9))
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
    graph = folder / "onnx" / "model.onnx"
    export(BertOutputs(model), inputs, ["last_hidden_state", "pooler_output"], graph, tokens=True)
    quantise.text(graph, tokenizer, posts.distinct_texts(), list(inputs))


def make_clip(folder: Path, posts: Posts) -> None:
    tokenizer = clip_tokenizer(posts.distinct_texts())
    end = tokenizer.token_to_id("<|endoftext|>")
    text = {
        "vocab_size": CLIP_VOCABULARY,
        "bos_token_id": tokenizer.token_to_id("<|startoftext|>"),
        "eos_token_id": end,
        "pad_token_id": end,
    }
    config = transformers.CLIPConfig(text_config=text, vision_config={}, projection_dim=512)
    config._attn_implementation = "eager"
    model = transformers.CLIPModel(config).eval()
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "pad_token": "<|endoftext|>"},
    )
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "CLIPImageProcessor",
            "do_resize": True,
            "size": {"shortest_edge": 224},
            "resample": 3,
            "do_center_crop": True,
            "crop_size": {"height": 224, "width": 224},
            "do_convert_rgb": True,
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711],
        },
    )
    half = transformers.CLIPTextModelWithProjection(config.text_config).eval()
    half.load_state_dict(model.state_dict(), strict=False)
    ids = torch.tensor([tokenizer.encode(text).ids[:1] + [9, 8, 7] + [end] for text in ("a", "b")])
    graph = folder / "onnx" / "text_model.onnx"
    export(ClipText(half), {"input_ids": ids}, ["text_embeds", "last_hidden_state"], graph, tokens=True)
    quantise.text(graph, tokenizer, posts.distinct_texts(), ["input_ids"])

    half = transformers.CLIPVisionModelWithProjection(config.vision_config).eval()
    half.load_state_dict(model.state_dict(), strict=False)
    graph = folder / "onnx" / "vision_model.onnx"
    pixels = {"pixel_values": torch.randn(2, 3, 224, 224)}
    export(ClipVision(half), pixels, ["image_embeds", "last_hidden_state"], graph, tokens=False)
    quantise.image(graph, preparation(folder), posts.distinct_images())


def make_swin(folder: Path, posts: Posts) -> None:
    config = transformers.SwinConfig(num_labels=1000, attn_implementation="eager")
    model = transformers.SwinForImageClassification(config).eval()
    model.save_pretrained(folder)
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "size": {"height": 224, "width": 224},
            "resample": 3,
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
        },
    )
    graph = folder / "onnx" / "model.onnx"
    pixels = {"pixel_values": torch.randn(2, 3, 224, 224)}
    export(SwinOutputs(model), pixels, ["logits", "pooler_output", "last_hidden_state"], graph, tokens=False)
    quantise.image(graph, preparation(folder), posts.distinct_images())


def preparation(folder: Path) -> Preparation:
    return Preparation(json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8")))


def main() -> None:
    names = ["bert-base", "minilm", "clip-vit-b32", "swin-t"]
    parser = argparse.ArgumentParser(description="Makes random-weight models in a hub's layout.")
    parser.add_argument("--data", type=Path, required=True, help="folder with mediaeval2016/devset/posts.txt")
    parser.add_argument("--work", type=Path, required=True, help="models go to WORK/<name>")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json for the BERT models (default: trained)")
    parser.add_argument("--only", default=",".join(names), help="which models, split by commas (default: %(default)s)")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    if unknown := [name for name in chosen if name not in names]:
        raise WrongUse(f"no model {', '.join(unknown)}; there are {', '.join(names)}")

    # the exporter warns of every shape that it records as fixed
    warnings.filterwarnings("ignore")
    logging.getLogger().setLevel(logging.ERROR)
    transformers.logging.set_verbosity_error()
    posts = Posts(arguments.data)
    if arguments.tokenizer:
        tokenizer = Tokenizer.from_file(str(arguments.tokenizer))
        tokenizer.no_truncation()
        tokenizer.no_padding()
    else:
        tokenizer = wordpiece(posts.distinct_texts())
    if tokenizer.get_vocab_size() > BERT_VOCABULARY:
        raise WrongUse(f"{arguments.tokenizer} has {tokenizer.get_vocab_size()} entries, more than {BERT_VOCABULARY}")
    for name in chosen:
        torch.manual_seed(SEED)
        np.random.seed(SEED)
        folder = arguments.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"making {folder}", flush=True)
        if name == "bert-base":
            make_bert(folder, 768, 12, tokenizer, posts)
        elif name == "minilm":
            make_bert(folder, 384, 6, tokenizer, posts)
        elif name == "clip-vit-b32":
            make_clip(folder, posts)
        else:
            make_swin(folder, posts)


if __name__ == "__main__":
    try:
        main()
    except WrongUse as e:
        sys.exit(f"make_models.py: {e}")
