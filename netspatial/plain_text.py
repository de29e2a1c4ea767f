"""Names, units and sentences of others, written so that they show as the text that they are.

What people name their cities, services and stations is never Markdown, HTML or a figure's markup.
For HTML there is `html.escape`.
"""

import re
from html import escape

_MARKUP = re.compile(r"([\\`*_\[\]<>$~&#|])")
_BEGIN = re.compile(r"^(\d*)([-+=.)])")


def in_markdown(text: object) -> str:
    """Return Markdown that shows a text as it is, on one line: no picture, link or formula."""
    line = " ".join(str(text).split())
    return _BEGIN.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", line))


def in_figure(text: object) -> str:
    """Return what Plotly shows as this text in titles, labels and hover templates."""
    return escape(str(text), quote=False).replace("%{", "% {")
