"""Texts in batches of equal length: no padding, so that no text feels its neighbours."""

from collections import defaultdict
from collections.abc import Iterator, Sequence


def equal_length_batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Yield positions of texts that have one length, at most about `tokens` tokens a batch.

    lengths : tokens of each text
    """
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for position, length in enumerate(lengths):
        groups[length].append(position)
    for length in sorted(groups):
        together = max(1, tokens // max(1, length))
        group = groups[length]
        for start in range(0, len(group), together):
            yield group[start : start + together]
