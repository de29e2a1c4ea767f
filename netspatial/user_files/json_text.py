"""How deep and how long the parts of a JSON text are, found without building any of them."""

import json
from typing import Any

import numpy as np

from netspatial.errors import BadInput, reason
from netspatial.user_files.limits import Limits

STEP = 1 << 20
"""Bytes that are looked at together."""
_OPENS = np.zeros(256, dtype=np.int8)
_OPENS[[0x5B, 0x7B]], _OPENS[[0x5D, 0x7D]] = 1, -1


def check_json(content: bytes, limits: Limits, subject: str) -> None:
    """Raise where a JSON text nests deeper or holds longer texts than the limits say."""
    deepest, longest = measure(content)
    limits.check("json_depth", deepest, subject, "lists inside each other", "write it flat")
    limits.check("text_length", longest, subject, "characters in one text", "shorten it")


def measure(content: bytes) -> tuple[int, int]:
    """Return how many lists and objects stand inside each other, and the longest text, in bytes.

    Escaped signs of a text do not count.
    """
    level, deepest, longest = 0, 0, 0
    in_text, begun = False, 0  # whether a text goes on from the step before, and its bytes so far
    begin = 0
    while begin < len(content):
        end = min(begin + STEP, len(content))
        while end < len(content) and content[end - 1] == 0x5C:
            end += 1  # a backslash stays with what it escapes
        piece = content[begin:end].replace(b"\\\\", b"").replace(b'\\"', b"")
        begin = end
        signs = np.frombuffer(piece, dtype=np.uint8)
        quotes = np.flatnonzero(signs == 0x22)
        steps = _OPENS[signs]
        at = np.flatnonzero(steps)
        outside = (np.searchsorted(quotes, at) + in_text) % 2 == 0
        levels = level + np.cumsum(steps[at[outside]], dtype=np.int64)
        if len(levels):
            deepest, level = max(deepest, int(levels.max())), int(levels[-1])
        borders = np.concatenate([[-1 - begun], quotes, [len(signs)]])
        lengths = np.diff(borders)[0 if in_text else 1 :: 2] - 1
        longest = max(longest, int(lengths.max(initial=0)))
        in_text = (len(quotes) + in_text) % 2 == 1
        begun = int(lengths[-1]) if in_text else 0
    return deepest, longest


def parse_json(content: str | bytes, limits: Limits, subject: str) -> Any:
    """Return what a JSON text says; whole numbers of any length come back as floats."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    check_json(content, limits, subject)
    try:
        return json.loads(content, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{subject} is not JSON: {reason(error)}.") from error
