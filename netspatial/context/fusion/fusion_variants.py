"""The networks that compute z, by name: the masked fusion and its ablation, with their losses."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from netspatial.context.fusion.alignment import Alignment
from netspatial.context.fusion.feature_projector import FeatureBatch, Shape
from netspatial.context.fusion.losses import (
    Objective,
    draw_shown,
    info_nce,
    masked_loss,
    present_and_shown,
)
from netspatial.context.fusion.masked_fusion import MaskedFusion

Loss = Callable[[nn.Module, FeatureBatch, np.random.Generator, Objective], Tensor]


@dataclass(frozen=True)
class Design:
    """The builder of a network for given widths, and its loss."""

    build: Callable[[Shape], nn.Module]
    loss: Loss


def fusion_loss(
    model: nn.Module, batch: FeatureBatch, random: np.random.Generator, objective: Objective
) -> Tensor:
    """Return the loss of reconstructing randomly masked modalities (Eqs. 10 to 12)."""
    drawn = draw_shown(objective.mask, random, len(batch.image))
    show_image, show_pois = present_and_shown(batch, *map(torch.from_numpy, drawn))
    fused = model(batch, show_image, show_pois)
    return masked_loss(fused, batch, show_image, show_pois, objective)


def alignment_loss(
    model: nn.Module,
    batch: FeatureBatch,
    random: np.random.Generator,  # noqa: ARG001 nothing is masked here
    objective: Objective,  # noqa: ARG001
) -> Tensor:
    """Return the contrastive loss of matching v and p of the same place within the batch."""
    aligned = model(batch, batch.has_image, batch.has_pois)
    both = batch.has_image & batch.has_pois
    return info_nce(aligned.tokens.v, aligned.tokens.p, both, aligned.temperature)


FUSION_VARIANTS: dict[str, Design] = {
    "fusion": Design(MaskedFusion, fusion_loss),
    "clip": Design(Alignment, alignment_loss),
}
