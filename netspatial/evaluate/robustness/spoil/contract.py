"""A way to spoil a file: by a named stream of randomness, so that the same seed does the same."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Chance = np.random.Generator


@dataclass(frozen=True)
class Spoil:
    """One way to spoil a file of some kind.

    work    : changes the file in place
    refused : whether a program that reads the file has to notice; what is merely other data, such
              as another name or a lesser number, it cannot know to be wrong
    """

    name: str
    work: Callable[[Path, Chance], None]
    refused: bool = False


def one_of(chance: Chance, values: tuple[object, ...]) -> object:
    """Return one of the values, as it is; numpy would turn it into an array."""
    return values[int(chance.integers(len(values)))]
