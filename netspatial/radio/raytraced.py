"""Path loss by ray tracing through a city's buildings, where Sionna RT is installed and works.

Optional and never silent: it runs in a process of its own, since it can abort the one it is in;
where it fails the statistical model stands in, and a message says so.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from netspatial.radio.pixels import Pixels
from netspatial.radio.scene import write_scene
from netspatial.radio.sites import Radio, Sites
from netspatial.radio.tracer import LINKS, LOSS

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

COMMAND = (sys.executable, "-m", "netspatial.radio.tracer")
INSTALL = "pip install 'netspatial[radio]'"
PROBE_S, TRACE_S = 120.0, 3_600.0
"""Seconds after which a tracer counts as stuck."""


@dataclass(frozen=True)
class Traced:
    """What a tracer found.

    loss_db : (E,) of each link, without antennas; NaN where no ray arrives or nothing was traced
    message : one sentence for the user
    """

    loss_db: Floats
    message: str


@dataclass(frozen=True)
class Probe:
    """Whether rays can be traced here, and one sentence that says it."""

    ready: bool
    message: str


def probe(command: Sequence[str] = COMMAND, timeout_s: float = PROBE_S) -> Probe:
    """Try the tracer on an empty scene, in a process of its own."""
    fault = _fault(command, timeout_s)
    if fault is None:
        return Probe(ready=True, message="Rays can be traced with Sionna RT.")
    return Probe(ready=False, message=f"Rays cannot be traced here: {fault}.")


@dataclass
class BuildingTracer:
    """Traces the links of one network through buildings; `notes` tell what came of it."""

    buildings: gpd.GeoDataFrame
    sites: Sites
    pixels: Pixels
    radio: Radio
    command: Sequence[str] = COMMAND
    notes: list[str] = field(default_factory=list)

    def __call__(self, server: Indices, pixel: Indices) -> Floats:
        """Path loss of links, dB; NaN where the statistical model is to stand in."""
        sites, radio = self.sites, self.radio
        users = np.full((len(self.pixels.places), 1), radio.user_m)
        carrier = np.where(sites.coverage, radio.coverage.carrier_ghz, radio.capacity.carrier_ghz)
        found = traced_loss(
            self.buildings,
            np.column_stack([sites.places, sites.height_m]),
            np.hstack([self.pixels.places, users]),
            server,
            pixel,
            carrier[server].astype(np.float64),
            self.command,
        )
        self.notes.append(found.message)
        return found.loss_db


def traced_loss(
    buildings: gpd.GeoDataFrame,
    stations: Floats,
    users: Floats,
    server: Indices,
    pixel: Indices,
    carrier_ghz: Floats,
    command: Sequence[str] = COMMAND,
) -> Traced:
    """Trace every link from stations (n, 3) to users (P, 3), metres in the buildings' CRS.

    buildings     : polygons with `height_m`, metric CRS
    server, pixel : (E,) the links; carrier_ghz : (E,) of each
    """
    nothing = np.full(len(server), np.nan)
    tried = probe(command)
    if not tried.ready:
        return Traced(nothing, f"{tried.message} The statistical path loss stands in.")
    origin = stations[:, :2].mean(axis=0)
    order = np.lexsort((pixel, carrier_ghz, server))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scene(folder, buildings, origin)
        shift = np.append(origin, 0.0)
        _, number = np.unique(
            np.column_stack([server[order], carrier_ghz[order]]), axis=0, return_inverse=True
        )
        np.savez(
            folder / LINKS,
            station=stations[server[order]] - shift,
            user=users[pixel[order]] - shift,
            number=number.ravel(),
            carrier_ghz=carrier_ghz[order],
        )
        fault = _fault([*command, str(folder)], TRACE_S)
        if fault is not None:
            return Traced(
                nothing, f"Tracing rays failed: {fault}. The statistical path loss stands in."
            )
        found = nothing.copy()
        found[order] = np.load(folder / LOSS, allow_pickle=False)
    share = float(np.isfinite(found).mean())
    return Traced(
        found,
        f"Rays were traced through {len(buildings)} buildings; they reach {share:.0%} of the "
        "links, and the statistical path loss stands in for the others.",
    )


def _fault(command: Sequence[str], timeout_s: float) -> str | None:
    """Run a tracer; say in half a sentence what went wrong, None where nothing did."""
    try:
        done = subprocess.run(  # noqa: S603  our own module, or the caller's
            list(command), capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the tracer did not answer within {timeout_s:g} s"
    except OSError as error:
        return f"the tracer cannot be started ({error.strerror})"
    if done.returncode == 0:
        return None
    if done.returncode < 0:
        return (
            f"the tracer was ended by {signal.Signals(-done.returncode).name}, as with a compiler "
            "library (LLVM) older than 19"
        )
    lines = done.stderr.strip().splitlines() or ["it gave no reason"]
    if "No module named 'sionna" in lines[-1]:
        return f"Sionna RT is not installed; {INSTALL} brings it"
    return f"the tracer says: {lines[-1].strip().rstrip('.')}"
