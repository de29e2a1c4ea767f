"""The contents of a trained context's config.json: feature settings, network and encoders."""

from dataclasses import dataclass
from typing import Any, Literal

from netspatial.context.features.extractor import FeatureConfig
from netspatial.context.fusion.feature_projector import Shape
from netspatial.context.training.fusion_training import FusionTrainConfig


@dataclass(frozen=True)
class EncoderFacts:
    """A frozen encoder that a context was trained on."""

    name: str
    dim: int
    licence: str
    fingerprint: str


@dataclass(frozen=True)
class EncodersFacts:
    """The encoder of images and the encoder of texts."""

    vision: EncoderFacts
    text: EncoderFacts


@dataclass(frozen=True)
class ContextSettings:
    """Settings of a context, and the facts of its training for the model card."""

    reading: FeatureConfig
    recipe: FusionTrainConfig
    shape: Shape
    encoders: EncodersFacts
    facts: dict[str, Any]
    design_version: Literal[1] = 1
