"""The rows that `bench operate` prints and writes."""

from dataclasses import asdict, dataclass, field
from typing import Any

from netspatial.evaluate.forecast_rolling import ForecastRow
from netspatial.evaluate.operate_scale import ScaleRow
from netspatial.operate.interference import CoupledSchedule


@dataclass(frozen=True)
class PolicyRow:
    """One policy under one power model in one city.

    bound_gap_pp : percentage points of saving below the perfect-information bound, which includes
                   activation energy; a policy that leaves more traffic unserved may exceed it
    seconds      : CPU time of planning and execution, without forecasting
    hours_above, kwh_above : hours with more energy than always-on, and the excess; debt_kwh :
                   largest cumulative excess over always-on since the first hour
    """

    city: str
    policy: str
    power: str
    saving_pct: float
    qoe: float
    worst_hour: float
    traffic_reduction_ratio: float
    wakeups_per_cell_day: float
    seconds: float
    bound_gap_pp: float
    hours_above: float
    kwh_above: float
    debt_kwh: float


@dataclass(frozen=True)
class Target:
    """A target, its measured value, and whether it is met."""

    name: str
    value: str
    met: bool


@dataclass
class OperateReport:
    """The results of the bench.

    forecast : scores of daily forecasts; ahead : of one forecast for all hours
    coupled  : schedules of the default policy under load-coupled interference, by city
    notes    : notes of the policies on their schedules
    """

    rows: list[PolicyRow] = field(default_factory=list)
    forecast: list[ForecastRow] = field(default_factory=list)
    ahead: list[ForecastRow] = field(default_factory=list)
    scale: list[ScaleRow] = field(default_factory=list)
    coupled: dict[str, CoupledSchedule] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "rows": [asdict(row) for row in self.rows],
            "forecast": [asdict(row) for row in self.forecast],
            "forecast_at_once": [asdict(row) for row in self.ahead],
            "scale": [asdict(row) for row in self.scale],
            "coupled_interference": {city: one.record() for city, one in self.coupled.items()},
            "targets": [asdict(target) for target in self.targets],
            "notes": self.notes,
        }
