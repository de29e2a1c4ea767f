"""Folders of the app and of the bundled weights, in the checkout or in an installed wheel."""

import sysconfig
from pathlib import Path

_CHECKOUT = Path(__file__).parents[1]


def app_root() -> Path:
    """Return the folder of app.py, pages, assets and .streamlit.

    The wheel installs them as `share/netspatial` of the environment.
    """
    if (_CHECKOUT / "assets").is_dir():
        return _CHECKOUT
    return Path(sysconfig.get_path("data")) / "share" / "netspatial"


def bundled(room: str, name: str) -> Path:
    """Return the folder of bundled weights, for example 'encoders', 'satvit'."""
    return app_root() / "assets" / room / name
