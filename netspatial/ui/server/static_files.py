"""Static files that the app serves: Leaflet with its plug-ins, and images of cities.

A served image is not sent again with every change of a map, and served scripts need no internet.
"""

import hashlib
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from streamlit.components.v1 import declare_component

from netspatial.bundled_weights import app_root
from netspatial.disk import atomic_file

WEB = app_root() / "assets/web/node_modules"
"""Folder into which `npm install` puts the packages of assets/web/package.json."""
SCRIPTS = {
    "jquery": "jquery/dist/jquery.min.js",
    "leaflet": "leaflet/dist/leaflet.js",
    "leaflet_draw_js": "leaflet-draw/dist/leaflet.draw.js",
}
STYLES = {
    "leaflet_css": "leaflet/dist/leaflet.css",
    "leaflet_draw_css": "leaflet-draw/dist/leaflet.draw.css",
}


class LeafletLinks(NamedTuple):
    """Name and address of scripts and style sheets, in folium's form."""

    js: list[tuple[str, str]]
    css: list[tuple[str, str]]


def leaflet_links(web: Path = WEB) -> LeafletLinks | None:
    """Return the addresses at which the app serves Leaflet; None if it is not installed.

    The addresses are relative to the frame of the map.
    """
    if not all((web / path).is_file() for path in (*SCRIPTS.values(), *STYLES.values())):
        return None
    base = f"../{_serve('leaflet', web)}"
    return LeafletLinks(
        js=[(name, f"{base}/{path}") for name, path in SCRIPTS.items()],
        css=[(name, f"{base}/{path}") for name, path in STYLES.items()],
    )


def picture_address(picture: bytes, suffix: str) -> str:
    """Serve a picture and return its address relative to the app's root."""
    name = hashlib.blake2b(picture, digest_size=12).hexdigest() + suffix
    folder = _pictures()
    if not (folder / name).is_file():
        with atomic_file(folder / name) as draft:
            draft.write_bytes(picture)
    return f"component/{_serve('pictures', folder)}/{name}"


def within_frame(address: str) -> str:
    """Return the address of a served picture relative to the frame of the Leaflet map."""
    return address.replace("component/", "../", 1)


@cache
def _pictures() -> Path:
    """Return this process's folder of pictures."""
    return Path(tempfile.mkdtemp(prefix="netspatial-pictures-"))


def _serve(name: str, folder: Path) -> str:
    """Return the name under which the app serves a folder."""
    served: str = declare_component(name, path=str(folder)).name
    return served
