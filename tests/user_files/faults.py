"""What a hostile file can do to the process that reads it."""

import ctypes
import os
import time

import numpy as np


def double(number: float) -> float:
    return 2 * number


def crash() -> None:
    ctypes.string_at(0)


def take_memory() -> None:
    kept = [np.ones(10_000_000)]
    while True:
        kept.append(kept[-1].copy())


def compute() -> None:
    while True:
        pass


def wait() -> None:
    time.sleep(1000)


def open_many() -> None:
    _ = [open(os.devnull) for _ in range(10_000)]  # noqa: SIM115, PTH123
