"""Rows of `netspatial bench context`, in its table and in its JSON."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContextRow:
    """One measured value of a metric of an encoder on a task, for one seed of the split."""

    task: str
    encoder: str
    metric: str
    value: float
    seed: int = 0
