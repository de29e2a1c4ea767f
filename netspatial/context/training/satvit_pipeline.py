"""The pipeline of `netspatial train-satvit`: data, training, probes on held-out patches, card.

Simulated towns are of the `train` family only, so that `unseen` ones stay unseen.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from rasterio.windows import Window

from netspatial.context.encoders.contract import VisionEncoder
from netspatial.context.encoders.rcf import RcfEncoder
from netspatial.context.encoders.satvit import SatVitEncoder
from netspatial.context.encoders.satvit_folder import write_satvit
from netspatial.context.encoders.satvit_network import SatVitConfig
from netspatial.context.training.eurosat import LICENCE, EuroSat, held_out, load_eurosat
from netspatial.context.training.satvit_training import MappedScene, SatVitTrainConfig, train_satvit
from netspatial.progress import Progress, within
from netspatial.randomness import key
from netspatial.simulate.image import make_scene, render_window
from netspatial.simulate.town import Use, make_town, use_at

Measure = Callable[[VisionEncoder, EuroSat], float]
"""Accuracy of an encoder on labelled patches, in [0, 1]."""

TOWN_M = 4000.0


def make_satvit(
    out: Path,
    eurosat: Path,
    cities: int,
    steps: int,
    seed: int,
    threads: int,
    report: Progress,
    measure: Measure,
) -> str:
    """Train, measure and write a SatViT into `out`; return a one-sentence summary."""
    config, recipe = SatVitConfig(), SatVitTrainConfig(steps=steps, seed=seed)
    patches = load_eurosat(eurosat)
    held = held_out(patches.names)
    scenes = []
    for number in range(cities):
        report(f"simulating town {number + 1} of {cities}", 0.05 * number / cities)
        scenes.append(simulated_scene(key(seed, "satvit", "town", number) % 2**31, config.gsd_m))

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        learned = patches.part(~held)
        network = train_satvit(
            config, recipe, learned, scenes, len(Use), within(report, 0.05, 0.95)
        )
    finally:
        torch.set_num_threads(before)
    unseen = patches.part(held)
    measured = {
        "satvit": measure(SatVitEncoder("satvit", network, "in training"), unseen),
        "rcf": measure(RcfEncoder(), unseen),
    }
    training: dict[str, object] = {
        "recipe": asdict(recipe),
        "eurosat_patches": len(learned.names),
        "simulated_towns": cities,
        "held_out_probe": measured,
    }
    write_satvit(
        out, network, training, _card(config, recipe, len(learned.names), cities, measured)
    )
    return (
        f"Wrote {out}: held-out EuroSAT probe {measured['satvit']:.1%}, rcf on the same patches "
        f"{measured['rcf']:.1%}."
    )


def simulated_scene(seed: int, gsd_m: float) -> MappedScene:
    """Render one simulated town of the `train` family and map the land use of each pixel."""
    town = make_town(seed, "train", TOWN_M)
    scene = make_scene(town, gsd_m)
    side = scene.side_px
    rgb = np.empty((side, side, 3), dtype=np.uint8)
    block = 256
    for top in range(0, side, block):
        for left in range(0, side, block):
            rows, columns = min(block, side - top), min(block, side - left)
            window = Window(left, top, columns, rows)
            painted = np.moveaxis(render_window(scene, window), 0, -1)
            rgb[top : top + rows, left : left + columns] = painted
    offsets = (np.arange(side) + 0.5) * gsd_m
    x, y = np.meshgrid(town.left + offsets, town.bottom + town.size_m - offsets)
    return MappedScene(rgb, use_at(town, x, y))


def _card(
    config: SatVitConfig,
    recipe: SatVitTrainConfig,
    patches: int,
    cities: int,
    measured: dict[str, float],
) -> str:
    return f"""# satvit: a small Vision Transformer for satellite patches

Frozen vision encoder of NetSpatial.
Input: RGB, {config.side} x {config.side} pixels at {config.gsd_m:g} m.
Output: {config.dim} numbers per patch.
Network: convolutional stem, {config.depth} blocks of width {config.width}, {config.tokens} tokens.

## Training data
- {patches} EuroSAT patches with their ten classes (measured).
  Licence: {LICENCE}.
  Two patches in five, chosen by `netspatial.context.training.eurosat.held_out`, were held out.
- {cities} simulated towns of the `train` family with the land use of their pixels (simulated by
  NetSpatial, CC0-1.0).

Supervised, {recipe.steps} steps, each of {recipe.real_batch} real and {recipe.scene_batch}
simulated patches, seed {recipe.seed}. Made with `netspatial train-satvit`.

## Scores
Linear probe on the held-out EuroSAT patches, stratified 70/30, mean of three splits:

| encoder | accuracy |
| --- | --- |
| satvit | {measured["satvit"]:.1%} |
| rcf | {measured["rcf"]:.1%} |

The comparison favours satvit: it was trained on the labels of other EuroSAT patches, while rcf is
not trained (its few settings were chosen by probes on EuroSAT).

## Limits
European Sentinel-2 scenes of one resolution, cloud-free, ten coarse classes; other sensors,
continents and resolutions are untested. Not a source of land-cover truth.

## Licence
Licence of the weights: MIT, as NetSpatial. Contains modified Copernicus Sentinel data.
"""
