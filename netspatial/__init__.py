"""NetSpatial: plan radio sites and schedule base stations from location data."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netspatial.area import Area
    from netspatial.city.city import City
    from netspatial.generate.cells import generate_traffic
    from netspatial.runs.kinds.operating import schedule_sleep
    from netspatial.runs.kinds.planning import plan_sites
    from netspatial.runs.kinds.validating import validate_city

__all__ = [
    "Area",
    "City",
    "__version__",
    "generate_traffic",
    "plan_sites",
    "schedule_sleep",
    "validate_city",
]

__version__ = "0.1.0"

_MODULES = {
    "Area": "netspatial.area",
    "City": "netspatial.city.city",
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
