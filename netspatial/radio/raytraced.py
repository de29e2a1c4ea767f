"""Path loss by ray tracing through a city's buildings, where Sionna RT is installed and works.

The tracer runs in a separate process, since it can abort its process. The caller decides whether a
failed trace is an error or is replaced by the statistical model, with a note.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.errors import MissingPart
from netspatial.progress import Progress, silent
from netspatial.radio.clearance import clear_antennas, outdoors
from netspatial.radio.pixels import Pixels
from netspatial.radio.scene import Materials, write_scene
from netspatial.radio.sites import Radio, Sites
from netspatial.radio.tracer import DONE, FOUND, LINKS

"""Called with the part of the links that has been traced, 0 to 1."""

COMMAND = (sys.executable, "-m", "netspatial.radio.tracer")
INSTALL = "pip install 'netspatial[radio]'"
RAYS = 100_000
"""Rays sent from each station in search of paths; a path that is found is then computed exactly.

Deep in shadow that is few: in a simulated town a million rays reach 86 % of the links instead of
69 %, at four times the cost; see `bench radio`.
"""
PROBE_S, LINK_S = 120.0, 5.0
"""Seconds after which a tracer counts as stuck: for the start, and for each link."""
UNREACHED_DB = 250.0
"""Loss of a link that no ray reaches: below the sensitivity of any receiver."""


class TracingFailed(MissingPart):
    """Rays cannot be traced here; the message gives the reason and the remedy."""


@dataclass(frozen=True)
class Traced:
    """Results of a trace.

    Attributes
    ----------
    loss_db : array (E,)
        Path loss of each link, without antennas, dB; NaN where no ray arrives.
    sight : array (E,) of bool
        Whether there is a direct ray.
    seconds : float
        Processor time, s.
    """

    loss_db: Floats
    sight: Mask
    seconds: float


def require_tracer(command: Sequence[str] = COMMAND, timeout_s: float = PROBE_S) -> None:
    """Try the tracer on an empty scene, in a separate process.

    Parameters
    ----------
    command : sequence of str
        Command that runs the tracer; by default Sionna RT.
    timeout_s : float
        Seconds after which it counts as stuck.

    Raises
    ------
    TracingFailed
        If rays cannot be traced here.
    """
    with tempfile.TemporaryDirectory() as folder:
        fault = _fault(command, Path(folder), timeout_s)
    if fault is not None:
        raise TracingFailed(f"Rays cannot be traced here: {fault}.")


def trace_links(
    buildings: gpd.GeoDataFrame,
    stations: Floats,
    users: Floats,
    server: Indices,
    pixel: Indices,
    carrier_ghz: Floats,
    materials: Materials | None = None,
    command: Sequence[str] = COMMAND,
    progress: Progress = silent,
    rays: int = RAYS,
) -> Traced:
    """Trace every link from stations to users through buildings.

    Parameters
    ----------
    buildings : GeoDataFrame
        Polygons with `height_m` in a metric CRS; antennas and users are outside of them.
    stations : array (n, 3)
        Antennas in the same CRS, m.
    users : array (P, 3)
        Users in the same CRS, m.
    server : array (E,) of int
        Station of each link.
    pixel : array (E,) of int
        User of each link.
    carrier_ghz : array (E,)
        Carrier of each link, GHz.
    materials : Materials, optional
        Of walls, roofs and ground.
    command : sequence of str
        Command that runs the tracer; by default Sionna RT.
    progress : Progress
        Called with the part of the links that has been traced.
    rays : int
        Number sent from each station in search of paths.

    Returns
    -------
    Traced

    Raises
    ------
    TracingFailed
        If the tracer stops with an error or is stuck.
    """
    origin = stations[:, :2].mean(axis=0)
    order = np.lexsort((pixel, carrier_ghz, server))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scene(folder, buildings, origin, materials or Materials())
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
            rays=rays,
        )
        longest = PROBE_S + LINK_S * len(server)
        fault = _fault([*command, str(folder)], folder, longest, progress)
        if fault is not None:
            raise TracingFailed(f"Tracing rays failed: {fault}.")
        with np.load(folder / FOUND, allow_pickle=False) as found:
            loss, sight = np.empty(len(order)), np.empty(len(order), dtype=bool)
            loss[order], sight[order] = found["loss_db"], found["sight"]
            return Traced(loss, sight, float(found["seconds"]))


@dataclass
class BuildingTracer:
    """Traces the links of one network through buildings, for `received_power`.

    Attributes
    ----------
    buildings : GeoDataFrame
        Polygons with `height_m` in a metric CRS.
    sites : Sites
        The stations.
    pixels : Pixels
        The demand pixels.
    radio : Radio
        For the carriers, and the height of the users.
    materials : Materials
        Of walls, roofs and ground.
    command : sequence of str
        Command that runs the tracer; by default Sionna RT.
    progress : Progress
        Called with the share of the links that has been traced.
    rays : int
        Number sent from each station in search of paths.
    """

    buildings: gpd.GeoDataFrame
    sites: Sites
    pixels: Pixels
    radio: Radio
    materials: Materials = field(default_factory=Materials)
    command: Sequence[str] = COMMAND
    progress: Progress = silent
    rays: int = RAYS

    def __call__(self, server: Indices, pixel: Indices) -> Floats:
        """Path loss of links, dB; UNREACHED_DB without a ray. Raises `TracingFailed`."""
        loss = self.trace(server, pixel).loss_db
        return np.where(np.isnan(loss), UNREACHED_DB, loss)

    def trace(self, server: Indices, pixel: Indices) -> Traced:
        """Trace links; antennas and users inside buildings are moved out of them.

        Parameters
        ----------
        server : array (E,) of int
            Station of each link.
        pixel : array (E,) of int
            Pixel of each link.

        Returns
        -------
        Traced

        Raises
        ------
        TracingFailed
            If the tracer stops with an error or is stuck.
        """
        sites, radio = self.sites, self.radio
        users = outdoors(self.pixels.places, self.buildings)
        carrier = np.where(sites.coverage, radio.coverage.carrier_ghz, radio.capacity.carrier_ghz)
        return trace_links(
            self.buildings,
            clear_antennas(sites.places, sites.height_m, sites.coverage, self.buildings),
            np.column_stack([users, np.full(len(users), radio.user_m)]),
            server,
            pixel,
            carrier[server].astype(np.float64),
            self.materials,
            self.command,
            self.progress,
            self.rays,
        )


@dataclass
class TracerIfPossible:
    """As a `BuildingTracer`; where that fails the statistical model is used, with a note."""

    tracer: BuildingTracer
    notes: list[str] = field(default_factory=list)

    def __call__(self, server: Indices, pixel: Indices) -> Floats:
        """Path loss of links, dB; NaN for all where rays cannot be traced."""
        try:
            loss = self.tracer(server, pixel)
        except TracingFailed as fault:
            self.notes.append(f"{fault} The statistical path-loss model is used instead.")
            return np.full(len(server), np.nan)
        self.notes.append(
            f"Rays were traced through {len(self.tracer.buildings)} buildings; they reach "
            f"{(loss < UNREACHED_DB).mean():.0%} of the links, and the others count as out of "
            "reach."
        )
        return loss


def _fault(
    command: Sequence[str], folder: Path, timeout_s: float, progress: Progress = silent
) -> str | None:
    """Run a tracer; return the reason of its failure as half a sentence, None on success."""
    messages = folder / "messages.txt"
    try:
        with messages.open("w") as log:
            running = subprocess.Popen(  # noqa: S603  our own module, or the caller's
                list(command), stdout=subprocess.DEVNULL, stderr=log
            )
            code = _wait(running, timeout_s, folder / DONE, progress)
    except OSError as error:
        return f"the tracer cannot be started ({error.strerror})"
    if code is None:
        return f"the tracer did not answer within {timeout_s:g} s"
    return None if code == 0 else _crash_reason(code, messages.read_text(errors="replace"))


def _wait(
    running: subprocess.Popen[bytes], timeout_s: float, done: Path, progress: Progress
) -> int | None:
    """Exit code of a process, None on timeout; the process never outlives this call."""
    ends = time.monotonic() + timeout_s
    try:
        while time.monotonic() < ends:
            try:
                return running.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                if done.is_file() and (share := done.read_text()):
                    progress("tracing rays", float(share))
        return None
    finally:
        running.kill()
        running.wait()


def _crash_reason(code: int, messages: str) -> str:
    lines = messages.strip().splitlines()
    if lines and "No module named 'sionna" in lines[-1]:
        return f"Sionna RT is not installed; install it with {INSTALL}"
    if code < 0 or not lines:
        names = {-number: number.name for number in signal.Signals}
        ended = names.get(code, f"exit code {code}")
        return f"the tracer stopped with {ended}, as with a compiler library (LLVM) older than 19"
    return f"the tracer reports: {lines[-1].strip().rstrip('.')}"
