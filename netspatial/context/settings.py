"""What a trained context's config.json holds: how places are read, and how its network is built."""

from dataclasses import dataclass
from typing import Any, Literal

from netspatial.context.features.extractor import FeatureConfig
from netspatial.context.fusion.feature_projector import Shape
from netspatial.context.training.fusion_training import Recipe


@dataclass(frozen=True)
class EncoderFacts:
    """Which frozen encoder a context was trained on."""

    name: str
    dim: int
    licence: str
    fingerprint: str


@dataclass(frozen=True)
class EncodersFacts:
    """One encoder of images and one of words."""

    vision: EncoderFacts
    text: EncoderFacts


@dataclass(frozen=True)
class ContextSettings:
    """Settings of a context, and the facts of its training for people."""

    reading: FeatureConfig
    recipe: Recipe
    shape: Shape
    encoders: EncodersFacts
    facts: dict[str, Any]
    design_version: Literal[1] = 1
