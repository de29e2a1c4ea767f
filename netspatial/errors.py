"""What can go wrong that a user can mend: one sentence that says what, where and what is right.

Library code raises these; the command line turns them into exit code 2, the app into a red box.
"""

LONGEST_WORD = 300
LONGEST_SENTENCE = 1000
"""Characters: a longer name, value or list in a sentence is shortened in its middle."""


class NetSpatialError(Exception):
    """Anything a user can mend. The message is one sentence for that user, made printable."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class BadInput(NetSpatialError):
    """A value, a file or a geometry that was given is not what is needed."""


class MissingPart(NetSpatialError):
    """A part of a city, a package or a model that is needed here is not there."""


class Busy(NetSpatialError):
    """Another process holds what is wanted."""


class CannotWrite(NetSpatialError):
    """The disk is full, or the system does not let us write there."""


def reason(error: BaseException) -> str:
    """Return a library's error as the end of a sentence: its first line, without a full stop."""
    lines = str(error).strip().splitlines() or [error.__class__.__name__]
    return lines[0].strip().rstrip(".")


def printable(sentence: str) -> str:
    """Return a sentence on one line, of a length to be read, that any terminal can show.

    Names and values in it come from files and from strangers: control characters and halves of
    characters are written as their codes, whatever is too long is shortened in its middle.
    """
    words = [_shortened(word, LONGEST_WORD) for word in sentence.split()]
    plain = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in " ".join(words)
    )
    return _shortened(plain, LONGEST_SENTENCE)


def _shortened(text: str, most: int) -> str:
    """Keep the beginning and the end, which name the fault and what would be right."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 1]}…{text[-end:]}"
