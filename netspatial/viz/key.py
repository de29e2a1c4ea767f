"""Keys of maps and charts: what the marks mean."""

from dataclasses import dataclass

from markupsafe import Markup

from netspatial.templates import render


@dataclass(frozen=True)
class KeyEntry:
    """A mark in a key.

    text   : its meaning; colour : of its background, CSS
    kind   : class in the app's style sheet; label : text inside the mark
    """

    text: str
    colour: str = ""
    kind: str = ""
    label: str = ""


def key_html(*marks: KeyEntry) -> Markup:
    """Return the HTML of a key."""
    return render("viz/key.html", marks=marks)
