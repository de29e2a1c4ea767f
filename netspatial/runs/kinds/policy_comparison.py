"""Comparison of policies on the forecast of a finished operating run, with a trade-off curve.

`compare_policies` returns a table in the calling process. A run of this kind reads the operating
run without changing it, and is named after it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import xarray as xr

from netspatial.checked import read_json
from netspatial.city.fingerprint import city_fingerprint
from netspatial.disk import atomic_file
from netspatial.operate.metrics import ScheduleMetrics
from netspatial.operate.network import Network
from netspatial.operate.pareto import POLICY_PARAMS
from netspatial.progress import Progress, count
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.runs.kinds.operating_result import FORECAST, SCHEDULE, OperateRun
from netspatial.runs.kinds.operating_schedule import backtested, planned
from netspatial.runs.kinds.operating_tables import read_rolling_forecasts

KIND = "compare_policies"
FOUND = "comparison.json"
QUICK = ("always-on", "static-night", "threshold", "swes", "greedy", "rolling", "paper")
"""The default policies, which take seconds."""


class ComparisonRequest(Request):
    """An operating run and the policies to compare with its own."""

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it compares no policies"

    run: str
    policies: tuple[str, ...] = QUICK


@dataclass(frozen=True)
class PolicyResult:
    """The metrics of one policy with one setting.

    policy_param, value : the policy parameter that differs from its default; '' and None if none
    """

    policy: str
    policy_param: str
    value: float | None
    figures: ScheduleMetrics


def folder_of(run: Run) -> Path:
    """Return the folder of an operating run's policy comparison."""
    return run.folder.with_name(f"{KIND}-{run.name}")


def submit(run: Run, policies: tuple[str, ...] = QUICK) -> Run:
    """Create the policy comparison of a finished operating run, or open the existing one.

    An existing one with other policies is replaced.
    """
    operated = OperateRun.open(run.folder).request
    for name in policies:
        operated.model_copy(update={"policy": name, "policy_params": {}}).make_policy()
    request = ComparisonRequest(run=str(run.folder.resolve()), policies=policies)
    folder = folder_of(run)
    if (folder / "manifest.json").is_file():
        there = Run.open(folder)
        if ComparisonRequest.of(there) == request:
            return there
        there.delete()
    return Run.create(folder, KIND, request.model_dump(mode="json"))


def read_comparison(run: Run) -> list[PolicyResult]:
    """Read what was found, so far as the run has come: its policies, then the trade-off."""
    return read_json(run.made(FOUND, "comparison of policies"), list[PolicyResult])


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Run the unfinished stages of a policy comparison in this process."""
    run_stages(run, lambda: _Work(run, ComparisonRequest.of(run)).stages(), watch)


def compare_policies(operated: OperateRun, policies: Sequence[str]) -> pd.DataFrame:
    """Return the metrics of these policies and the run's own, the largest saving first.

    One row per policy, the fields of `ScheduleMetrics` as columns. Nothing is written.
    """
    trial = PolicyTrial(operated)
    names = dict.fromkeys((*policies, operated.request.policy))
    requests = {name: trial.request(name) for name in names}
    for request in requests.values():
        request.make_policy()
    rows = [asdict(trial.figures(request)) for request in requests.values()]
    table = pd.DataFrame(rows, index=pd.Index(list(names), name="policy"))
    return table.sort_values("saving_pct", ascending=False)


@dataclass(frozen=True)
class PolicyTrial:
    """Simulates policies on the forecast and the actual traffic of one operating run."""

    operated: OperateRun

    def request(self, policy: str, **policy_params: float) -> OperateRequest:
        """Return the run's request with another policy and its parameters.

        The run's own policy keeps the other parameters of the run.
        """
        asked = self.operated.request
        own = asked.policy_params if policy == asked.policy else {}
        return asked.model_copy(
            update={"policy": policy, "policy_params": {**own, **policy_params}}
        )

    def figures(self, request: OperateRequest) -> ScheduleMetrics:
        """Return the metrics of the schedule of a request."""
        policy = request.make_policy()
        if request.mode == "forecast":
            return planned(self.network, policy, self.looks[0], self.past, request).figures
        found = backtested(self.network, policy, self.truth, self.looks, self.past, request)
        return found.figures

    @cached_property
    def network(self) -> Network:
        """The network of the run's stations."""
        asked = self.operated.request
        return asked.network(asked.open_stations())

    @cached_property
    def looks(self) -> list[xr.DataArray]:
        """The rolling forecasts of the run."""
        return read_rolling_forecasts(self.operated.run.path(FORECAST))

    @cached_property
    def truth(self) -> xr.DataArray:
        """The traffic of the scheduled hours, (station, time)."""
        demand: xr.DataArray = self.operated.schedule["demand"]
        return demand.assign_attrs({**demand.attrs, **self.operated.schedule.attrs})

    @cached_property
    def past(self) -> xr.DataArray:
        """The traffic measured before the scheduled hours, (station, time)."""
        measured = self.operated.request.open_stations().traffic
        first = self.truth["time"].to_numpy()[0]
        return measured.sel(time=measured["time"] < first)


@dataclass(frozen=True)
class _Work:
    """Simulate every policy, and the run's own with several values of its parameter."""

    run: Run
    asked: ComparisonRequest

    @cached_property
    def operated(self) -> OperateRun:
        return OperateRun.open(self.asked.run)

    def stages(self) -> list[Stage]:
        read = [self.operated.run.path(name) for name in (SCHEDULE, FORECAST)]
        operated = self.operated.request
        city = city_fingerprint(operated.open_city())
        reads = [self.asked.model_dump(mode="json"), read, operated.files, city]
        return [
            Stage(
                "compare_policies",
                "Comparing policies",
                reads,
                (FOUND,),
                self.compare_policies,
            )
        ]

    def compare_policies(self, progress: Progress) -> Mapping[str, Any]:
        trial, own = PolicyTrial(self.operated), self.operated.request.policy
        tried: list[tuple[str, str, float | None]] = [
            (name, "", None) for name in dict.fromkeys((*self.asked.policies, own))
        ]
        if own in POLICY_PARAMS:
            policy_param, values = POLICY_PARAMS[own]
            tried += [(own, policy_param, value) for value in values]
        found = []
        for number, (name, policy_param, value) in enumerate(tried):
            count(progress, number, len(tried), "settings")
            policy_params = {} if value is None else {policy_param: value}
            figures = trial.figures(trial.request(name, **policy_params))
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
