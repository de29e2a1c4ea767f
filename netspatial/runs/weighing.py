"""Weighing an operating run: other policies on the same forecast, and the policy's own trade-off.

A run of its own that reads a finished operating run and adds nothing to it. `ask` names it after
that run, so that it is found again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import xarray as xr

from netspatial.checked import read_json
from netspatial.city import City
from netspatial.city_fingerprint import city_fingerprint
from netspatial.disk import atomic_file
from netspatial.operate.measures import Measures
from netspatial.operate.network import Network
from netspatial.operate.pareto import KNOBS
from netspatial.runs.asking import Request
from netspatial.runs.operating_request import OperateRequest
from netspatial.runs.operating_result import FORECAST, SCHEDULE, OperateRun, read_looks
from netspatial.runs.operating_schedule import planned, replayed
from netspatial.runs.run import Run
from netspatial.runs.stages import Stage, Tell, Watch, carry_out

KIND = "weigh"
FOUND = "weighed.json"
QUICK = ("always-on", "static-night", "threshold", "swes", "greedy", "rolling", "paper")
"""Policies that take seconds, where nothing else is asked for."""


class WeighRequest(Request):
    """What to weigh: the folder of an operating run, and the policies to set beside its own."""

    kind: ClassVar[str] = KIND
    not_so: ClassVar[str] = "; it weighs none"

    run: str
    policies: tuple[str, ...] = QUICK


@dataclass(frozen=True)
class Weighed:
    """One policy under one setting, and what came of it.

    knob, value : what was set other than its default; '' and None where nothing was
    """

    policy: str
    knob: str
    value: float | None
    figures: Measures


def folder_of(run: Run) -> Path:
    """Return where the weighing of an operating run is or will be."""
    return run.folder.with_name(f"{KIND}-{run.name}")


def ask(run: Run, policies: tuple[str, ...] = QUICK) -> Run:
    """Create the weighing of a finished operating run, or open the one that is there.

    One that was asked for other policies is put in the place of the old.
    """
    operated = OperateRun.open(run.folder).request
    for name in policies:
        operated.model_copy(update={"policy": name, "knobs": {}}).make_policy()
    request = WeighRequest(run=str(run.folder.resolve()), policies=policies)
    folder = folder_of(run)
    if (folder / "manifest.json").is_file():
        there = Run.open(folder)
        if WeighRequest.of(there) == request:
            return there
        there.delete()
    return Run.create(folder, KIND, request.model_dump(mode="json"))


def read_weighed(run: Run) -> list[Weighed]:
    """Read what was found, so far as the run has come: its policies, then the trade-off."""
    return read_json(run.made(FOUND, "comparison of policies"), list[Weighed])


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Do what is left of a weighing, in this process."""
    carry_out(run, lambda: _Work(run, WeighRequest.of(run)).stages(), watch)


@dataclass(frozen=True)
class _Work:
    """Every policy carried out on the forecast and the truth of one operating run."""

    run: Run
    asked: WeighRequest

    @cached_property
    def operated(self) -> OperateRun:
        return OperateRun.open(self.asked.run)

    @cached_property
    def network(self) -> Network:
        asked = self.operated.request
        return asked.network(asked.open_stations())

    def stages(self) -> list[Stage]:
        read = [self.operated.run.path(name) for name in (SCHEDULE, FORECAST)]
        operated = self.operated.request
        city = city_fingerprint(City.open(operated.city))
        reads = [self.asked.model_dump(mode="json"), read, operated.files, city]
        return [Stage("weigh", "Carrying out other policies", reads, (FOUND,), self.weigh)]

    def weigh(self, tell: Tell) -> Mapping[str, Any]:
        asked = self.operated.request
        tried: list[tuple[str, str, float | None]] = [
            (name, "", None) for name in dict.fromkeys((*self.asked.policies, asked.policy))
        ]
        if asked.policy in KNOBS:
            knob, values = KNOBS[asked.policy]
            tried += [(asked.policy, knob, value) for value in values]
        found = []
        for number, (name, knob, value) in enumerate(tried):
            tell(number, len(tried))
            own = asked.knobs if name == asked.policy else {}
            knobs = {**own, **({knob: value} if knob else {})}
            figures = self.figures(asked.model_copy(update={"policy": name, "knobs": knobs}))
            found.append({"policy": name, "knob": knob, "value": value, "figures": asdict(figures)})
        with atomic_file(self.run.path(FOUND)) as draft:
            draft.write_text(json.dumps(found, indent=2) + "\n")
        return {"operated": self.operated.run.name}

    def figures(self, request: OperateRequest) -> Measures:
        policy = request.make_policy()
        if request.when == "coming":
            return planned(self.network, policy, self.looks[0], self.past, request).figures
        found = replayed(self.network, policy, self.truth, self.looks, self.past, request)
        return found.figures

    @cached_property
    def looks(self) -> list[xr.DataArray]:
        return read_looks(self.operated.run.path(FORECAST))

    @cached_property
    def truth(self) -> xr.DataArray:
        demand: xr.DataArray = self.operated.schedule["demand"]
        return demand.assign_attrs({**demand.attrs, **self.operated.schedule.attrs})

    @cached_property
    def past(self) -> xr.DataArray:
        measured = self.operated.request.open_stations().traffic
        first = self.truth["time"].to_numpy()[0]
        return measured.sel(time=measured["time"] < first)
