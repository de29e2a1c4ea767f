"""The process that traces rays with Sionna RT: reads a scene and links, writes their path loss.

Run by `raytraced` as `python -m netspatial.radio.tracer FOLDER`, because the tracer's compiler can
bring its whole process down. With no folder it only shows that it can trace at all.
"""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspatial.radio.scene import SCENE

Floats = NDArray[np.float64]

MOST_BOUNCES = 3
LINKS, LOSS = "links.npz", "loss.npy"


def trace(folder: Path) -> Floats:
    """Path loss of each link, dB, without antennas; NaN where no ray arrives."""
    from sionna.rt import load_scene  # noqa: PLC0415  radio extra

    scene = load_scene(str(folder / SCENE))
    with np.load(folder / LINKS, allow_pickle=False) as links:
        station, user, number, carrier = (
            links[name] for name in ("station", "user", "number", "carrier_ghz")
        )
    loss = np.full(len(number), np.nan)
    # links of one station and carrier are traced together
    for start, stop in _runs(number):
        loss[start:stop] = _losses(scene, station[start], user[start:stop], carrier[start])
    return loss


def _losses(scene: Any, station: Floats, users: Floats, carrier_ghz: float) -> Floats:
    from sionna.rt import PathSolver, PlanarArray, Receiver, Transmitter  # noqa: PLC0415

    scene.frequency = carrier_ghz * 1e9
    scene.tx_array = PlanarArray(num_rows=1, num_cols=1, pattern="iso", polarization="V")
    scene.rx_array = scene.tx_array
    names = ["station", *(f"user{number}" for number in range(len(users)))]
    scene.add(Transmitter(name=names[0], position=station.tolist()))
    for name, user in zip(names[1:], users, strict=True):
        scene.add(Receiver(name=name, position=user.tolist()))
    paths = PathSolver()(scene=scene, max_depth=MOST_BOUNCES)
    # one entry each for receivers, their antennas, transmitters, their antennas, rays and times
    amplitude, _ = paths.cir(out_type="numpy")
    gain = np.square(np.abs(amplitude)).sum(axis=(1, 2, 3, 4, 5))
    for name in names:
        scene.remove(name)
    with np.errstate(divide="ignore"):
        loss: Floats = np.where(gain > 0, -10 * np.log10(gain), np.nan)
    return loss


def _runs(number: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last row of each stretch of equal numbers."""
    edges = np.flatnonzero(np.diff(number)) + 1
    bounds = [0, *edges.tolist(), len(number)]
    return list(pairwise(bounds))


def probe() -> None:
    """Trace one link in an empty scene."""
    from sionna.rt import load_scene  # noqa: PLC0415  radio extra

    _losses(load_scene(), np.array([0.0, 0.0, 10.0]), np.array([[50.0, 0.0, 1.5]]), 2.0)


def main() -> None:
    """Trace the folder that the command line names."""
    if len(sys.argv) == 1:
        probe()
        return
    folder = Path(sys.argv[1])
    np.save(folder / LOSS, trace(folder), allow_pickle=False)


if __name__ == "__main__":
    main()
