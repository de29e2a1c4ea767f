"""One measured number of a bench, as it stands in the table and in the JSON."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured (task, metric), of what (encoder), and with which split or draw (seed)."""

    task: str
    encoder: str
    metric: str
    value: float
    seed: int = 0
