"""Errors that a user can correct: one sentence on what is wrong, where, and what would be right.

Library code raises these; the command line turns them into exit code 2, the app into a red box.
"""

LONGEST_WORD = 300
LONGEST_SENTENCE = 1000
"""Characters; a longer word or message is shortened in its middle."""


class NetSpatialError(Exception):
    """Base of all errors that a user can correct. The message is made printable.

    Parameters
    ----------
    sentence : str
        What is wrong, where, and what would be right.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class BadInput(NetSpatialError):
    """A given value, file or geometry is not valid."""


class MissingPart(NetSpatialError):
    """A required part of a city, package or model is missing."""


class Busy(NetSpatialError):
    """Another process holds the resource."""


class CannotWrite(NetSpatialError):
    """The disk is full, or the system does not allow writing there."""


def reason(error: BaseException) -> str:
    """Return a library's error as the end of a sentence: its first line, without a full stop."""
    lines = str(error).strip().splitlines() or [error.__class__.__name__]
    return lines[0].strip().rstrip(".")


def printable(sentence: str) -> str:
    """Return a sentence on one line, of limited length, that any terminal can show.

    Names and values in it come from files and users: control characters and invalid characters
    are written as their codes, and long words are shortened in their middle.
    """
    words = [_shortened(word, LONGEST_WORD) for word in sentence.split()]
    plain = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in " ".join(words)
    )
    return _shortened(plain, LONGEST_SENTENCE)


def _shortened(text: str, most: int) -> str:
    """Keep the beginning and the end, which give the problem and the remedy."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 1]}…{text[-end:]}"
