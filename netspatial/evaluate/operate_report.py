"""The rows that `bench operate` prints and writes."""

from dataclasses import asdict, dataclass, field
from typing import Any

from netspatial.evaluate.forecast_rolling import ForecastRow
from netspatial.evaluate.operate_scale import ScaleRow
from netspatial.operate.interference import CoupledWeek


@dataclass(frozen=True)
class PolicyRow:
    """One policy under one power model in one city.

    bound_gap_pp : percentage points of saving below the perfect-foresight bound, wakings included;
                   a policy that leaves more unserved than all awake may pass it
    seconds      : of the processor, to decide and carry out, forecasting apart
    hours_above, kwh_above : in which more is drawn than always on, and how much; debt_kwh : most
                   that was ever drawn more than always on since the first hour
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
class Bar:
    """What was asked for, what was measured, and whether that suffices."""

    name: str
    value: str
    met: bool


@dataclass
class OperateReport:
    """All that the bench found.

    forecast : made anew every day; ahead : made once for all hours
    coupled  : the default's schedules under load-coupled interference, by city
    notes    : what the policies said of their schedules
    """

    rows: list[PolicyRow] = field(default_factory=list)
    forecast: list[ForecastRow] = field(default_factory=list)
    ahead: list[ForecastRow] = field(default_factory=list)
    scale: list[ScaleRow] = field(default_factory=list)
    coupled: dict[str, CoupledWeek] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rows": [asdict(row) for row in self.rows],
            "forecast": [asdict(row) for row in self.forecast],
            "forecast_at_once": [asdict(row) for row in self.ahead],
            "scale": [asdict(row) for row in self.scale],
            "coupled_interference": {city: one.record() for city, one in self.coupled.items()},
            "bars": [asdict(bar) for bar in self.bars],
            "notes": self.notes,
        }
