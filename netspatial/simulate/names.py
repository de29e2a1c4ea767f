"""Made-up names of points of interest in the town's language; `addresses` names the streets.

The word lists are in `words`. No real business is meant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Words:
    """Word lists of one language.

    people : family names, filled in for {person} and {other}
    places : quarters and landmarks, filled in for {place}
    things : qualities, animals and the like, filled in for {thing}
    forms  : patterns for each list of `categories.Kind.named`
    """

    people: tuple[str, ...]
    places: tuple[str, ...]
    things: tuple[str, ...]
    forms: dict[str, tuple[str, ...]]


def listed(text: str) -> tuple[str, ...]:
    """Split a bar-separated list of words or patterns."""
    return tuple(text.split("|"))


def spell(words: Words, named: str, count: int, random: np.random.Generator) -> NDArray[np.object_]:
    """Make up `count` names of one kind, (count,); some repeat, as in real cities."""
    drawn = [
        np.array(pool, dtype=object)[random.integers(0, len(pool), count)]
        for pool in (words.forms[named], words.people, words.people, words.places, words.things)
    ]
    return np.array(
        [
            form.format(person=person, other=other, place=place, thing=thing)
            for form, person, other, place, thing in zip(*drawn, strict=True)
        ],
        dtype=object,
    )
