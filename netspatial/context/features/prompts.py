"""Prompts of points of interest: an address prompt T^A and a surroundings prompt T^S for each.

The default wording omits names and house numbers, so that prompts repeat within and between cities:
few texts have to be encoded, and an unseen city has the prompts of the training cities.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Indices
from netspatial.context.features.categories import KIND_NAMES, KINDS, in_words
from netspatial.context.features.neighbourhood import Pois, kinds_around, nearest_pois

STREETS: dict[str, str] = {
    "a motorway": "motorway autobahn autoroute autostrada freeway highway expressway ringway",
    "a boulevard": "boulevard viale bulevar ring parkway",
    "an avenue": "avenue ave avenida allee laan corso alameda avinguda",
    "a square": "square place piazza platz plaza plein markt praca circus forum largo",
    "a quay": "quay quai kade kai embankment waterfront lungomare harbour ufer muelle wharf",
    "a lane": """
        lane alley vicolo gasse steeg close mews ruelle passage court callejon walk
        path  weg pad
    """,
    "a country road": "drive farm feldweg carretera chemin rural hill strada",
    "a works road": "industrial factory depot dock logistics industrie industria works estate",
    "a campus road": "campus university college",
    "a street": """
        street st road rd rue via strasse straße straat calle rua carrer row way
        terrace
    """,
}
"""Kinds of streets, and the words or word endings in an address that indicate them."""
_STREET_OF_WORD = {word: kind for kind, words in STREETS.items() for word in words.split()}
_ENDINGS = sorted((word for word in _STREET_OF_WORD if len(word) >= 4), key=len, reverse=True)


@dataclass(frozen=True)
class Prompts:
    """The distinct `texts`, and the indices of each POI's T^A and T^S in them, (q,) each."""

    texts: list[str]
    address: Indices
    surroundings: Indices

    @property
    def unique_share(self) -> float:
        """Number of distinct prompts over number of prompts."""
        return len(self.texts) / max(1, 2 * len(self.address))


def street_kind(address: str) -> str:
    """Return the kind of street of an address; '' where it has none."""
    words = re.findall(r"[^\W\d_]+", address.lower())
    if not words:
        return ""
    for word in (*reversed(words), *words):
        if word in _STREET_OF_WORD:
            return _STREET_OF_WORD[word]
    for word in words:
        for ending in _ENDINGS:
            if word.endswith(ending):
                return _STREET_OF_WORD[ending]
    return "a street"


def coarse_addresses(pois: Pois, rows: Indices) -> list[str]:
    """Return T^A by category and kind of street: 'clothes shop on an avenue'."""
    streets, which = np.unique(pois.address[rows], return_inverse=True)
    kinds = [street_kind(str(address)) for address in streets]
    categories, what = np.unique(pois.category[rows], return_inverse=True)
    words = [in_words(str(category)) for category in categories]
    return [
        f"{words[w]} on {kinds[k]}" if kinds[k] else words[w]
        for w, k in zip(what, which, strict=True)
    ]


def coarse_surroundings(pois: Pois, rows: Indices) -> list[str]:
    """Return T^S by the two most frequent kinds around and the density, with counts in words."""
    counts = kinds_around(pois, rows)
    order = np.argsort(-counts, axis=1, kind="stable")[:, :2]
    top = np.take_along_axis(counts, order, axis=1)
    level = np.digitize(top, [1, 2, 6])
    density = np.digitize(counts.sum(axis=1), [1, 4, 16, 48])
    order[level == 0] = 0
    features = np.column_stack([order, level, density])
    distinct, back = np.unique(features, axis=0, return_inverse=True)
    texts = [_surroundings_text(*map(int, row)) for row in distinct]
    return [texts[at] for at in back.ravel()]


def _surroundings_text(first: int, second: int, level: int, level_2: int, density: int) -> str:
    how = ("nothing", "a few places", "a lively street", "a busy quarter", "a crowded centre")
    parts = [_some(kind, lev) for kind, lev in ((first, level), (second, level_2)) if lev]
    return f"surrounded by {how[density]}" + (f": {' and '.join(parts)}" if parts else "")


def _some(kind: int, level: int) -> str:
    words = KINDS[KIND_NAMES[kind]]
    return ("", f"one {words.one}", f"several {words.many}", f"many {words.many}")[level]


def verbatim_addresses(pois: Pois, rows: Indices) -> list[str]:
    """Return T^A with the POI's name and full address, as published; few repeat."""
    return [
        f"{name or 'unnamed'}, {in_words(category)}" + (f", {address}" if address else "")
        for name, category, address in zip(
            pois.name[rows].tolist(),
            pois.category[rows].tolist(),
            pois.address[rows].tolist(),
            strict=True,
        )
    ]


def verbatim_surroundings(pois: Pois, rows: Indices) -> list[str]:
    """Return T^S with the names of the five nearest others within 150 m, as published."""
    near = nearest_pois(pois.xy[rows], pois, 150.0, 6)
    texts = []
    for row, others in zip(rows, near, strict=True):
        named = [
            f"{pois.name[other] or 'unnamed'} ({in_words(str(pois.category[other]))})"
            for other in others
            if other >= 0 and other != row
        ][:5]
        texts.append("near " + ", ".join(named) if named else "near nothing")
    return texts


Wording = Callable[[Pois, Indices], list[str]]
WORDINGS: dict[str, tuple[Wording, Wording]] = {
    "coarse": (coarse_addresses, coarse_surroundings),
    "verbatim": (verbatim_addresses, verbatim_surroundings),
}
"""Wordings of (T^A, T^S) by name."""


def word(pois: Pois, rows: Indices, wording: str = "coarse") -> Prompts:
    """Return the prompts of POIs `rows`; every distinct text is kept once."""
    address, surroundings = WORDINGS[wording]
    texts, back = np.unique(
        np.array(address(pois, rows) + surroundings(pois, rows), dtype=np.str_),
        return_inverse=True,
    )
    return Prompts(texts.tolist(), back[: len(rows)], back[len(rows) :])
