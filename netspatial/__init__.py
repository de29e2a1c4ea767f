"""NetSpatial: plan radio sites and operate base stations from what a place looks like."""

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
"""The calls for the common case, by the module that holds each; loaded when first asked for."""


def __getattr__(name: str) -> Any:
    """Load a call of the common case, so that importing the package stays light."""
    if name in _CALLS:
        return getattr(import_module(_CALLS[name]), name)
    raise AttributeError(f"module 'netspatial' has no attribute '{name}'")
