"""Where the weights that come with NetSpatial lie: in the checkout, or where an install put them.

The ground under every stage that loads a shipped model.
"""

import sysconfig
from pathlib import Path

_CHECKOUT = Path(__file__).parents[1] / "assets"


def bundled(room: str, name: str) -> Path:
    """Return the folder of shipped weights, for example of room 'encoders' and name 'satvit'."""
    installed = Path(sysconfig.get_path("data")) / "share" / "netspatial"
    return (_CHECKOUT if _CHECKOUT.is_dir() else installed) / room / name
