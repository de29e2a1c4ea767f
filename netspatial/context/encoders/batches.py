"""Batches of texts of equal length: without padding, an embedding does not depend on its batch."""

from collections import defaultdict
from collections.abc import Iterator, Sequence


def equal_length_batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Yield positions of texts of equal length, at most about `tokens` tokens per batch.

    lengths : tokens of each text
    """
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for position, length in enumerate(lengths):
        groups[length].append(position)
    for length in sorted(groups):
        size = max(1, tokens // max(1, length))
        group = groups[length]
        for start in range(0, len(group), size):
            yield group[start : start + size]
