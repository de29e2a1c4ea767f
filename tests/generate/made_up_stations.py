"""Synthetic stations and places for the generator's tests, and a small preset."""

from dataclasses import replace

import numpy as np
import pandas as pd

from netspatial.context.embed import Context
from netspatial.generate.data import TrainingSet
from netspatial.generate.presets import preset_named
from netspatial.randomness import stream

WIDTH = 6
FINGERPRINT = "made-up-encoder"

TINY = replace(
    preset_named("small"),
    name="tiny",
    condition_width=12,
    vector_width=16,
    vector_depth=1,
    series_width=16,
    series_depth=1,
    batch=16,
    steps=12,
)


def made_up_stations(n: int = 40, weeks: int = 4, seed: int = 0) -> TrainingSet:
    """Return stations whose level and peak hour depend on their embedding."""
    rng = stream(seed, "made-up stations")
    context = rng.normal(size=(n, WIDTH)).astype(np.float32)
    hours = np.broadcast_to((np.arange(168 * weeks) % 168).astype(np.int16), (n, 168 * weeks))
    peak = 14 + 3 * np.tanh(context[:, :1])
    shape = 1.2 + np.cos((hours % 24 - peak) / 24 * 2 * np.pi)
    noise = rng.lognormal(-0.02, 0.2, size=hours.shape)
    level = np.exp(0.5 * context[:, 1:2] + 0.3 * rng.normal(size=(n, 1)))
    return TrainingSet(
        x=(level * shape * noise).astype(np.float32),
        hours=hours,
        context=context,
        group=np.zeros(n, np.int64),
        unit="GB/h",
        context_fingerprint=FINGERPRINT,
        sources=("Madeup",),
        provenance="simulated",
        licences=("CC0-1.0",),
    )


def made_up_places(n: int, seed: int = 1) -> Context:
    """Return embeddings in the form that `embed` returns."""
    z = stream(seed, "made-up places").normal(size=(n, WIDTH)).astype(np.float32)
    return Context(
        embedding=z,
        ids=np.array([f"32632-100-{i}-7" for i in range(n)]),
        fingerprint=FINGERPRINT,
        has_image=np.ones(n, bool),
        has_pois=np.ones(n, bool),
        summary=pd.DataFrame(index=range(n)),
    )
