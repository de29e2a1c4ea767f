"""NetSpatial: plan radio sites and schedule base stations from location data."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netspatial.area import Area
    from netspatial.city.city import City
    from netspatial.forecast.city_forecast import TrafficForecast, forecast_traffic
    from netspatial.generate.cells import generate_traffic
    from netspatial.runs.kinds.operating import schedule_sleep
    from netspatial.runs.kinds.operating_result import OperateRun
    from netspatial.runs.kinds.plan_result import PlanRun
    from netspatial.runs.kinds.planning import plan_sites
    from netspatial.runs.kinds.validating import validate_city

__all__ = [
    "Area",
    "City",
    "OperateRun",
    "PlanRun",
    "TrafficForecast",
    "__version__",
    "forecast_traffic",
    "generate_traffic",
    "plan_sites",
    "schedule_sleep",
    "validate_city",
]

__version__ = "0.1.0"

_MODULES = {
    "Area": "netspatial.area",
    "City": "netspatial.city.city",
    "TrafficForecast": "netspatial.forecast.city_forecast",
    "OperateRun": "netspatial.runs.kinds.operating_result",
    "PlanRun": "netspatial.runs.kinds.plan_result",
    "forecast_traffic": "netspatial.forecast.city_forecast",
    "generate_traffic": "netspatial.generate.cells",
    "plan_sites": "netspatial.runs.kinds.planning",
    "schedule_sleep": "netspatial.runs.kinds.operating",
    "validate_city": "netspatial.runs.kinds.validating",
}
"""The public names by the module that defines each; loaded on first use."""


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that importing the package stays fast."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'netspatial' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the public names, for completion in notebooks."""
    return sorted({*globals(), *__all__})
