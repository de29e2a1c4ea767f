"""Weighing an operating run: other policies on the same forecast, and the policy's own trade-off.

A run of its own that reads a finished operating run and adds nothing to it. `submit` names it after
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
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.disk import atomic_file
from netspatial.operate.metrics import ScheduleMetrics
from netspatial.operate.network import Network
from netspatial.operate.pareto import POLICY_PARAMS
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Tell, Watch, carry_out
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.runs.kinds.operating_result import FORECAST, SCHEDULE, OperateRun, read_looks
from netspatial.runs.kinds.operating_schedule import planned, replayed

KIND = "compare_policies"
FOUND = "weighed.json"
QUICK = ("always-on", "static-night", "threshold", "swes", "greedy", "rolling", "paper")
"""Policies that take seconds, where nothing else is asked for."""


class WeighRequest(Request):
    """What to compare_policies: the folder of an operating run, and the policies to set beside its own."""

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it weighs none"

    run: str
    policies: tuple[str, ...] = QUICK


@dataclass(frozen=True)
class Weighed:
    """One policy under one setting, and what came of it.

    policy_param, value : what was set other than its default; '' and None where nothing was
    """

    policy: str
    policy_param: str
    value: float | None
    figures: ScheduleMetrics


def folder_of(run: Run) -> Path:
    """Return where the weighing of an operating run is or will be."""
    return run.folder.with_name(f"{KIND}-{run.name}")


def submit(run: Run, policies: tuple[str, ...] = QUICK) -> Run:
    """Create the weighing of a finished operating run, or open the one that is there.

    One that was asked for other policies is put in the place of the old.
    """
    operated = OperateRun.open(run.folder).request
    for name in policies:
        operated.model_copy(update={"policy": name, "policy_params": {}}).make_policy()
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
        return [
            Stage(
                "compare_policies",
                "Carrying out other policies",
                reads,
                (FOUND,),
                self.compare_policies,
            )
        ]

    def compare_policies(self, tell: Tell) -> Mapping[str, Any]:
        asked = self.operated.request
        tried: list[tuple[str, str, float | None]] = [
            (name, "", None) for name in dict.fromkeys((*self.asked.policies, asked.policy))
        ]
        if asked.policy in POLICY_PARAMS:
            policy_param, values = POLICY_PARAMS[asked.policy]
            tried += [(asked.policy, policy_param, value) for value in values]
        found = []
        for number, (name, policy_param, value) in enumerate(tried):
            tell(number, len(tried))
            own = asked.policy_params if name == asked.policy else {}
            policy_params = {**own, **({policy_param: value} if policy_param else {})}
            figures = self.figures(
                asked.model_copy(update={"policy": name, "policy_params": policy_params})
            )
            found.append(
                {
                    "policy": name,
                    "policy_param": policy_param,
                    "value": value,
                    "figures": asdict(figures),
                }
            )
        with atomic_file(self.run.path(FOUND)) as draft:
            draft.write_text(json.dumps(found, indent=2) + "\n")
        return {"operated": self.operated.run.name}

    def figures(self, request: OperateRequest) -> ScheduleMetrics:
        policy = request.make_policy()
        if request.when == "forecast":
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
