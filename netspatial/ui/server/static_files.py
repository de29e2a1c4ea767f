"""Files that the browser fetches from the app itself: Leaflet and friends, and pictures of cities.

A picture that is fetched once need not travel with every change of a map, and a script that lies
here needs no internet.
"""

import hashlib
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from streamlit.components.v1 import declare_component

from netspatial.disk import atomic_file

WEB = Path(__file__).parents[2] / "assets/web/node_modules"
"""Where `npm install` puts what assets/web/package.json names."""
SCRIPTS = {
    "jquery": "jquery/dist/jquery.min.js",
    "leaflet": "leaflet/dist/leaflet.js",
    "leaflet_draw_js": "leaflet-draw/dist/leaflet.draw.js",
}
STYLES = {
    "leaflet_css": "leaflet/dist/leaflet.css",
    "leaflet_draw_css": "leaflet-draw/dist/leaflet.draw.css",
}


class Links(NamedTuple):
    """Name and address of scripts and style sheets, as folium takes them."""

    js: list[tuple[str, str]]
    css: list[tuple[str, str]]


def leaflet_links(web: Path = WEB) -> Links | None:
    """Return where the app itself serves Leaflet; None where it is not installed.

    The addresses are relative to the frame that the map is drawn in.
    """
    if not all((web / path).is_file() for path in (*SCRIPTS.values(), *STYLES.values())):
        return None
    base = f"../{_serve('leaflet', web)}"
    return Links(
        js=[(name, f"{base}/{path}") for name, path in SCRIPTS.items()],
        css=[(name, f"{base}/{path}") for name, path in STYLES.items()],
    )


def picture_address(picture: bytes, suffix: str) -> str:
    """Have the app serve a picture, and return its address relative to the app's root."""
    name = hashlib.blake2b(picture, digest_size=12).hexdigest() + suffix
    folder = _pictures()
    if not (folder / name).is_file():
        with atomic_file(folder / name) as draft:
            draft.write_bytes(picture)
    return f"component/{_serve('pictures', folder)}/{name}"


def within_frame(address: str) -> str:
    """Return the address of a served picture as seen from the frame of a drawn map."""
    return address.replace("component/", "../", 1)


@cache
def _pictures() -> Path:
    """Return this process's folder of pictures."""
    return Path(tempfile.mkdtemp(prefix="netspatial-pictures-"))


def _serve(name: str, folder: Path) -> str:
    """Return the name under which the app serves a folder."""
    served: str = declare_component(name, path=str(folder)).name
    return served
