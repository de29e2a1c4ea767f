"""Commands on a disk that is full: nothing is half written, and one sentence says so.

A limit of the size of a file stands for the disk: it strikes at seeded moments of every writer and
needs no rights.
"""

from dataclasses import replace

from netspatial.evaluate.robustness.attempt import CallLimits
from netspatial.evaluate.robustness.cases import BadInputCase

FULL = (
    "area",
    "grid",
    "build",
    "embed",
    "generate",
    "finetune",
    "plan",
    "operate",
    "fit",
    "predict",
    "export-plan",
    "export-tif",
    "export-operate",
    "simulate",
)
"""Commands that write."""
SIZES = (0, 700, 5_000, 40_000, 300_000)
"""Bytes after which nothing more is written to a file."""


def full_disk_cases(each: int) -> list[BadInputCase]:
    """Return every writing command on `each` sizes of disks."""
    return [
        BadInputCase(command, "full disk", number, file_bytes=size)
        for command in FULL
        for number, size in enumerate(SIZES[:each])
    ]


def limits_of(case: BadInputCase, usual: CallLimits) -> CallLimits:
    """Return what a case may use."""
    return usual if case.file_bytes is None else replace(usual, file_bytes=case.file_bytes)
