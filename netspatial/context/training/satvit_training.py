"""Supervised training of `satvit` on real EuroSAT patches and on simulated land use.

Real patches have the appearance of Sentinel-2 images; simulated ones give any number of labelled
mixes of land use. The patches of `eurosat.held_out` are not used.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from netspatial.context.encoders.satvit_network import SatVit, SatVitConfig
from netspatial.context.training.eurosat import EuroSat
from netspatial.errors import BadInput
from netspatial.progress import Progress, silent
from netspatial.randomness import key, stream
from netspatial.training import cosine_decay, descend, follow, set_rate


@dataclass(frozen=True)
class MappedScene:
    """A simulated image (h, w, 3) uint8 and the land use (h, w) uint8 of each of its pixels."""

    rgb: NDArray[np.uint8]
    use: NDArray[np.uint8]


@dataclass(frozen=True)
class SatVitTrainConfig:
    """Settings of the training."""

    steps: int = 1200
    real_batch: int = 48
    scene_batch: int = 16
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.1
    warmup: int = 100
    ema: float = 0.998
    mixup: float = 0.2
    """Alpha of the Beta distribution that mixes two images and their labels."""
    label_smoothing: float = 0.1
    scene_weight: float = 0.5
    """Weight of the simulated land-use loss beside the EuroSAT loss."""
    seed: int = 0


def train_satvit(
    config: SatVitConfig,
    recipe: SatVitTrainConfig,
    real: EuroSat,
    scenes: list[MappedScene],
    uses: int,
    progress: Progress = silent,
) -> SatVit:
    """Train a network and return it with the moving average of its weights.

    real   : labelled patches, none of them held out
    scenes : simulated images at `config.gsd_m`, each larger than two patches a side
    uses   : number of land uses that `MappedScene.use` may hold
    """
    if any(min(scene.rgb.shape[:2]) < 2 * config.side for scene in scenes):
        raise BadInput(f"A simulated scene is smaller than {2 * config.side} pixels a side.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(recipe.seed, "satvit", "weights") % 2**63)
        network = SatVit(config)
        heads = nn.ModuleDict(
            {
                "real": nn.Linear(config.dim, len(real.classes)),
                "scene": nn.Linear(config.dim, uses),
            }
        )
    draw = torch.Generator().manual_seed(key(recipe.seed, "satvit", "batches") % 2**63)
    averaged = copy.deepcopy(network)
    parameters = [*network.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(
        parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
    )
    real_batches = _real_batches(real, config.side, recipe, draw)
    scene_batches = _scene_batches(scenes, config.side, uses, recipe, draw)

    network.train()
    for step in range(1, recipe.steps + 1):
        set_rate(optimiser, recipe.learning_rate * _schedule(step, recipe))
        images, labels = next(real_batches)
        losses = {"eurosat": 0.0, "scenes": 0.0}
        count = len(images)
        if scenes:
            seen, mix = next(scene_batches)
            images = torch.cat([images, seen])
        with torch.autocast("cpu", torch.bfloat16):
            embedded = network(_normalised(images))
        embedded = embedded.float()
        loss = functional.cross_entropy(
            heads["real"](embedded[:count]), labels, label_smoothing=recipe.label_smoothing
        )
        losses["eurosat"] = loss.item()
        if scenes:
            scene_loss = functional.cross_entropy(heads["scene"](embedded[count:]), mix)
            losses["scenes"] = scene_loss.item()
            loss = loss + recipe.scene_weight * scene_loss
        descend(loss, optimiser, parameters)
        follow(averaged, network, step, recipe.ema)
        said = ", ".join(f"{name} {value:.2f}" for name, value in losses.items())
        progress(f"training: {said}", step / recipe.steps)
    return averaged.eval()


def _schedule(step: int, recipe: SatVitTrainConfig) -> float:
    """Return the share of the full learning rate: linear warm-up, then cosine decay to zero."""
    if step < recipe.warmup:
        return step / recipe.warmup
    done = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return cosine_decay(done, 1.0)


def _normalised(images: Tensor) -> Tensor:
    """Map uint8-valued floats to about [-1, 1], as `SatVitEncoder` does."""
    return images / 127.5 - 1


def _real_batches(
    real: EuroSat, side: int, recipe: SatVitTrainConfig, draw: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield augmented, mixed EuroSAT batches (n, 3, side, side) and soft labels (n, classes)."""
    images = torch.from_numpy(real.images).permute(0, 3, 1, 2).contiguous()
    labels = functional.one_hot(torch.from_numpy(real.labels), len(real.classes)).float()
    numbers = stream(recipe.seed, "satvit", "mixup")
    while True:
        order = torch.randperm(len(images), generator=draw)
        full = len(images) - len(images) % recipe.real_batch or len(images)
        for start in range(0, full, recipe.real_batch):
            chosen = order[start : start + recipe.real_batch]
            batch = _colours(_views(images[chosen].float(), side, draw), draw)
            share = float(numbers.beta(recipe.mixup, recipe.mixup))
            batch = share * batch + (1 - share) * batch.flip(0)
            yield batch, share * labels[chosen] + (1 - share) * labels[chosen].flip(0)


def _scene_batches(
    scenes: list[MappedScene],
    side: int,
    uses: int,
    recipe: SatVitTrainConfig,
    draw: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield augmented crops of simulated images and the share of each land use (n, uses)."""
    while True:
        images, mixes = [], []
        for _ in range(recipe.scene_batch):
            scene = scenes[int(torch.randint(len(scenes), (), generator=draw))]
            height, width = scene.use.shape
            row = int(torch.randint(height - side, (), generator=draw))
            column = int(torch.randint(width - side, (), generator=draw))
            window = np.s_[row : row + side, column : column + side]
            images.append(torch.from_numpy(scene.rgb[window]).permute(2, 0, 1))
            mixes.append(np.bincount(scene.use[window].ravel(), minlength=uses) / side**2)
        batch = _turned(torch.stack(images).float(), draw)
        yield _colours(batch, draw), torch.from_numpy(np.array(mixes, dtype=np.float32))


def _turned(images: Tensor, draw: torch.Generator) -> Tensor:
    """Rotate each image by a random multiple of 90 degrees, mirrored or not."""
    turns = torch.randint(4, (len(images),), generator=draw).tolist()
    mirrored = torch.randint(2, (len(images),), generator=draw).tolist()
    return torch.stack(
        [
            torch.rot90(image.flip(2) if mirror else image, turn, (1, 2))
            for image, turn, mirror in zip(images, turns, mirrored, strict=True)
        ]
    )


def _views(images: Tensor, side: int, draw: torch.Generator) -> Tensor:
    """Rotate, mirror, zoom (1 to 1.6) and shift each image (n, 3, h, w) at random."""
    n = len(images)
    zoom = 1 / (1 + 0.6 * torch.rand(n, generator=draw))
    room = 1 - zoom
    shift = (2 * torch.rand(n, 2, generator=draw) - 1) * room[:, None]
    affine = torch.zeros(n, 2, 3)
    affine[:, 0, 0] = affine[:, 1, 1] = zoom
    affine[:, :, 2] = shift
    grid = functional.affine_grid(affine, [n, 3, side, side], align_corners=False)
    seen = functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return _turned(seen, draw)


def _colours(images: Tensor, draw: torch.Generator) -> Tensor:
    """Vary brightness, contrast and channel balance, and blank one rectangle."""
    n, _, side, _ = images.shape

    def around(spread: float, *shape: int) -> Tensor:
        return 1 + spread * (2 * torch.rand(n, *shape, 1, 1, generator=draw) - 1)

    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * around(0.25, 1) + mean * around(0.15, 1) * around(0.06, 3)
    start = torch.randint(side, (n, 2), generator=draw)
    size = torch.randint(side // 3, (n, 2), generator=draw)
    axis = torch.arange(side)
    inside = (axis >= start[..., None]) & (axis < (start + size)[..., None])
    hole = inside[:, 0, :, None] & inside[:, 1, None, :]
    return torch.where(hole[:, None], mean, images).clamp(0, 255)
