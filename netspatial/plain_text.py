"""Escape names, units and messages from users and files for Markdown, figures and spreadsheets.

Names of cities, services and stations must not act as markup. HTML is escaped by its
templates.
"""

import re
from html import escape

_MARKUP = re.compile(r"([\\`*_\[\]<>$~&#|])")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of a text that a spreadsheet evaluates as a formula."""
_BEGIN = re.compile(r"^(\d*)([-+=.)])")


def in_markdown(text: object) -> str:
    """Return Markdown that shows a text literally, on one line."""
    line = " ".join(str(text).split())
    return _BEGIN.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", line))


def in_figure(text: object) -> str:
    """Return the text escaped for Plotly's titles, labels and hover templates."""
    return escape(str(text), quote=False).replace("%{", "% {")


def in_spreadsheet(text: object) -> str:
    """Return text with an apostrophe in front if a spreadsheet would evaluate it."""
    said = str(text)
    return f"'{said}" if said.startswith(FORMULA) else said
