"""Simulation of a city as a run. The city is written to its own folder."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from netspatial.errors import BadInput
from netspatial.progress import Progress
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import Run, new_folder
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.simulate import simulate
from netspatial.simulate.simulation import LIMITS

KIND = "simulate"


class SimulateRequest(Request):
    """The city's folder and the arguments of `netspatial.simulate.simulate`."""

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
class CityParameters:
    """The arguments of a simulation."""

    seed: int
    family: Literal["train", "unseen"]
    size_km: float
    stations: int
    pois: int
    gsd_m: float
    weeks: int


def submit(city: Path, town: CityParameters, runs: Path | None = None) -> Run:
    """Check the request and create the run in the folder `runs`, by default the runs folder.

    An existing city is never overwritten.
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
    """Run the unfinished stages of a simulation in this process."""
    asked = SimulateRequest.of(run)

    def draw(progress: Progress) -> Mapping[str, Any]:
        city = simulate(
            asked.city,
            **asked.model_dump(exclude={"city"}),
            progress=progress,
        )
        return {"city": {"name": city.name, "provenance": city.record.provenance}}

    stage = Stage("simulate", "Simulating the city", asked.model_dump(mode="json"), (), draw)
    run_stages(run, lambda: [stage], watch)
