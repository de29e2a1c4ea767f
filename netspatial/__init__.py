"""NetSpatial: plan radio sites and schedule base stations from location data."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netspatial.runs.kinds.operating import schedule_sleep
    from netspatial.runs.kinds.planning import plan_sites

__all__ = ["__version__", "plan_sites", "schedule_sleep"]

__version__ = "0.1.0"

_CALLS = {
    "plan_sites": "netspatial.runs.kinds.planning",
    "schedule_sleep": "netspatial.runs.kinds.operating",
}
"""The main calls, by the module that defines each; loaded on first use."""


def __getattr__(name: str) -> Any:
    """Load a main call on first use, so that importing the package stays fast."""
    if name in _CALLS:
        return getattr(import_module(_CALLS[name]), name)
    raise AttributeError(f"module 'netspatial' has no attribute '{name}'")
