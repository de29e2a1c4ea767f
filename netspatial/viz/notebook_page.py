"""What objects show in a notebook: a card of HTML, and maps whose names are shown as text.

A card holds no script and fetches nothing.
"""

import base64
from collections.abc import Sequence
from html import escape

import pandas as pd
import pydeck as pdk

from netspatial.templates import render
from netspatial.viz.city_map import MAP_OPTIONS, CityMap

IMAGE_PX = 480
"""Longest side of a city's image on a card, pixels."""
MAX_ROWS = 20
"""Rows of a table on a card; the others are counted."""


def card(
    title: str, lines: Sequence[str], table: pd.DataFrame | None = None, picture: str = ""
) -> str:
    """Return the HTML of an object: a title, lines of text, a table and an SVG picture.

    The picture is shown as an image, in which no script runs.
    """
    rows = pd.DataFrame() if table is None else table
    return render(
        "viz/notebook_card.html",
        title=title,
        lines=[line for line in lines if line],
        columns=list(rows.columns),
        rows=rows.head(MAX_ROWS).to_numpy().tolist(),
        more=max(len(rows) - MAX_ROWS, 0),
        picture=base64.b64encode(picture.encode()).decode(),
    )


class NotebookMap(CityMap):
    """A deck.gl map for a page of its own, where no framework escapes what it is given."""

    def to_json(self) -> str:
        """Return JSON that cannot end the script in which it stands."""
        return super().to_json().replace("<", "\\u003c")


def notebook_map(layers: Sequence[pdk.Layer], view: pdk.ViewState) -> NotebookMap:
    """Return a map of these layers, whose titles and details are shown as plain text."""
    for layer in layers:
        for row in layer.data or []:
            for name in ("title", "detail"):
                if name in row:
                    row[name] = escape(str(row[name]))
    return NotebookMap(layers=list(layers), initial_view_state=view, **MAP_OPTIONS)
