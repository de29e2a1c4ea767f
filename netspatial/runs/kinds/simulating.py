"""A simulated city as a run, so that it can be watched, cancelled, and outlives a closed tab.

The city appears whole in its own folder beside the others; the run keeps only how it was asked.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from netspatial.errors import BadInput
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import Run, new_folder
from netspatial.runs.jobs.stages import Stage, Tell, Watch, carry_out
from netspatial.simulate import simulate
from netspatial.simulate.simulation import LIMITS

KIND = "simulate"
PARTS = 1000
"""Steps in which progress is told."""


class SimulateRequest(Request):
    """What to simulate, as `netspatial.simulate.simulate` takes it, and the city's folder."""

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it simulates none"

    city: str
    seed: int = 7
    family: Literal["train", "unseen"] = "train"
    size_km: float = 12.0
    stations: int = 300
    pois: int = 10_000
    gsd_m: float = 5.0
    weeks: int = 4


@dataclass(frozen=True)
class Town:
    """The arguments of a simulation."""

    seed: int
    family: Literal["train", "unseen"]
    size_km: float
    stations: int
    pois: int
    gsd_m: float
    weeks: int


def submit(city: Path, town: Town, runs: Path | None = None) -> Run:
    """Check what is asked and create the run, in the folder `runs` or the usual one.

    A city that is there is never written over.
    """
    if city.exists():
        raise BadInput(f"There is a city '{city.name}' already; choose another name.")
    for name, (low, high, unit) in LIMITS.items():
        value = asdict(town).get(name, low)
        if not low <= value <= high:
            raise BadInput(
                f"{name} is {value}{unit}; between {low:g} and {high:g}{unit} would be right."
            )
    request = SimulateRequest(city=str(city.resolve()), **asdict(town))
    return Run.create(new_folder(KIND, city.name, runs), KIND, request.model_dump(mode="json"))


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Do what is left of a simulation, in this process."""
    asked = SimulateRequest.of(run)

    def draw(tell: Tell) -> Mapping[str, Any]:
        city = simulate(
            asked.city,
            **asked.model_dump(exclude={"city"}),
            progress=lambda _step, share: tell(round(PARTS * share), PARTS),
        )
        return {"city": {"name": city.name, "provenance": city.record.provenance}}

    stage = Stage("simulate", "Drawing the city", asked.model_dump(mode="json"), (), draw)
    carry_out(run, lambda: [stage], watch)
