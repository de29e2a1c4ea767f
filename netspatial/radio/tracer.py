"""The process that traces rays with Sionna RT: reads a scene and links, writes their path loss.

Run by `raytraced` as `python -m netspatial.radio.tracer FOLDER`, because the tracer's compiler can
abort the whole process. Without a folder it only tests that tracing works.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from netspatial.arrays import Floats, Indices, Mask

BOUNCES = 3
"""Maximum interactions of a ray with walls, roofs and edges; at most one is a diffraction."""
RAYS_TIMES_USERS = 5_000_000
"""Rays times users traced at once: memory grows with it, to about 1 GB."""
USERS_STEP = 10
"""Users are traced in multiples of this: the tracer recompiles for every number of them."""
SCENE, LINKS, FOUND, DONE = "scene.xml", "links.npz", "found.npz", "done"
"""Files of the folder: inputs, results, and the share done."""


@dataclass(frozen=True)
class TracedLinks:
    """Traced links.

    Attributes
    ----------
    loss_db : array (E,)
        Path loss without antennas, of the mean power over small-scale fading, dB; NaN without a
        ray.
    sight : array (E,) of bool
        Whether there is a direct ray.
    """

    loss_db: Floats
    sight: Mask


def trace(folder: Path) -> TracedLinks:
    """Trace the links of a folder; write the part that has been traced to its file DONE.

    Parameters
    ----------
    folder : Path
        With a scene and its links.

    Returns
    -------
    TracedLinks
    """
    scene = _load(folder / SCENE)
    with np.load(folder / LINKS, allow_pickle=False) as links:
        rays = int(links["rays"])
        station, user, number, carrier = (
            links[name] for name in ("station", "user", "number", "carrier_ghz")
        )
    loss, sight = np.full(len(number), np.nan), np.zeros(len(number), dtype=bool)
    most = max(RAYS_TIMES_USERS // rays, 1)
    for start, stop in _batches(number, most):
        users = _padded(user[start:stop], most)
        found = _links(scene, station[start], users, float(carrier[start]), rays)
        loss[start:stop], sight[start:stop] = (values[: stop - start] for values in found)
        (folder / DONE).write_text(f"{stop / len(number):.4f}")
    return TracedLinks(loss, sight)


def _links(
    scene: Any, station: Floats, users: Floats, carrier_ghz: float, rays: int
) -> tuple[Floats, Mask]:
    """Loss in dB and sight of links from one station, (E,) each."""
    from sionna.rt import PathSolver, PlanarArray, Receiver, Transmitter  # noqa: PLC0415

    scene.frequency = carrier_ghz * 1e9
    scene.tx_array = PlanarArray(num_rows=1, num_cols=1, pattern="iso", polarization="V")
    scene.rx_array = scene.tx_array
    names = ["station", *(f"user{number}" for number in range(len(users)))]
    scene.add(Transmitter(name=names[0], position=station.tolist()))
    for name, user in zip(names[1:], users, strict=True):
        scene.add(Receiver(name=name, position=user.tolist()))
    # by default the solver may find other paths each time
    paths = PathSolver(deterministic=True)(
        scene=scene, max_depth=BOUNCES, samples_per_src=rays, diffraction=True
    )
    # one entry each for receivers, their antennas, transmitters, their antennas, rays and times
    amplitude, _ = paths.cir(out_type="numpy")
    power = np.square(np.abs(amplitude[:, 0, 0, 0, :, 0]))
    for name in names:
        scene.remove(name)
    gain = power.sum(axis=1)
    with np.errstate(divide="ignore"):
        loss: Floats = np.where(gain > 0, -10 * np.log10(gain), np.nan)
    return loss, _straight(paths, power)


def _straight(paths: Any, power: Floats) -> Mask:
    """Which receivers have a direct ray, (E,)."""
    # one entry each for bounces, receivers, transmitters and rays; 0 where a ray meets nothing
    meets = np.asarray(paths.interactions.numpy())[:, :, 0]
    if meets.size == 0:
        return np.zeros(len(power), dtype=bool)
    sight: Mask = ((meets == 0).all(axis=0) & (power > 0)).any(axis=1)
    return sight


def _load(path: Path) -> Any:
    from sionna.rt import load_scene  # noqa: PLC0415  radio extra

    scene = load_scene(str(path))
    for material in scene.radio_materials.values():
        usual = material.frequency_update_callback
        material.frequency_update_callback = partial(_where_known, usual, material.itu_type)
    return scene


def _where_known(usual: Any, kind: str, frequency: Any) -> Any:
    """A material's constants at a frequency, Hz, or the nearest at which ITU-R P.2040 has them."""
    from sionna.rt.radio_materials.itu import ITU_MATERIALS_PROPERTIES  # noqa: PLC0415

    ghz, ranges = float(frequency[0]) / 1e9, list(ITU_MATERIALS_PROPERTIES[kind])
    if not any(low <= ghz <= high for low, high in ranges):
        ghz = min((edge for pair in ranges for edge in pair), key=lambda edge: abs(edge - ghz))
    return usual(type(frequency)(ghz * 1e9))


def _batches(number: Indices, most: int) -> Iterator[tuple[int, int]]:
    """First and last row of runs of equal numbers, in parts of at most `most` rows."""
    edges = (np.flatnonzero(np.diff(number)) + 1).tolist()
    for start, stop in pairwise([0, *edges, len(number)]):
        for first in range(start, stop, most):
            yield first, min(first + most, stop)


def _padded(users: Floats, most: int) -> Floats:
    """Users with the last one repeated, to a multiple of USERS_STEP or to `most`."""
    width = min(ceil(len(users) / USERS_STEP) * USERS_STEP, most)
    return users[np.minimum(np.arange(width), len(users) - 1)]


def probe() -> None:
    """Trace one link in an empty scene."""
    from sionna.rt import load_scene  # noqa: PLC0415  radio extra

    _links(load_scene(), np.array([0.0, 0.0, 10.0]), np.array([[50.0, 0.0, 1.5]]), 2.0, 1000)


def main() -> None:
    """Trace the folder that the command line names."""
    if len(sys.argv) == 1:
        probe()
        return
    folder = Path(sys.argv[1])
    found = trace(folder)
    np.savez(folder / FOUND, loss_db=found.loss_db, sight=found.sight, seconds=time.process_time())


if __name__ == "__main__":
    main()
