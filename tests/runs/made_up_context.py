"""Embeddings without encoders, for tests of runs.

As a program, it executes a run and kills itself after a number of cells.
"""

import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from netspatial.context.embed import Context
from netspatial.progress import silent
from netspatial.randomness import stream
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import planning
from tests.generate.made_up_stations import FINGERPRINT, WIDTH

ENCODER = {"name": "made up", "fingerprint": "0", "licence": "CC0-1.0", "dim": WIDTH}


def embed(_city, places, report=silent) -> Context:
    """Return embeddings that depend on the ids of cells or stations alone."""
    column = "cell_id" if "cell_id" in places else "station_id"
    ids = places[column].to_numpy(dtype=str)
    z = np.stack([stream(1, name).normal(size=WIDTH) for name in ids]).astype(np.float32)
    report("cells", 1.0)
    there = np.ones(len(ids), dtype=bool)
    summary = pd.DataFrame({"pois": 3, "food": 2, "shop": 1, "image_share": 1.0}, index=ids)
    return Context(z, ids, FINGERPRINT, there, there, summary)


def fusion(_folder: str | None) -> SimpleNamespace:
    """Return a stub of a context model."""
    config = {"encoders": {"vision": ENCODER, "text": ENCODER}}
    weights = SimpleNamespace(config=config)
    extractor = SimpleNamespace(images=lambda _city, xy: np.zeros((len(xy), 2), np.float32))
    return SimpleNamespace(
        fingerprint=FINGERPRINT, weights=weights, embed=embed, extractor=extractor
    )


if __name__ == "__main__":
    planning.warm_context = fusion

    def watch(progress) -> None:
        if progress.stage == "traffic" and progress.detail.startswith(f"{sys.argv[2]} of "):
            os.kill(os.getpid(), signal.SIGKILL)

    planning.work_on(Run.open(Path(sys.argv[1])), watch)
