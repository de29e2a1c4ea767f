"""Loading from the Hugging Face hub or a folder, with one sentence when it is not to be had."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netspatial.errors import BadInput, MissingPart


def located(source: str, choice: str) -> str:
    """Return `source`, a folder or a hub id, after refusing what can be neither.

    choice : the encoder's string with which `source` came, for the error.
    """
    if not source:
        raise BadInput(
            f"'{choice}' does not say which model: add a folder or a hub id after '{choice}:'."
        )
    looks_like_path = source.startswith((".", "/", "~")) or source.count("/") > 1
    if looks_like_path and not Path(source).expanduser().exists():
        raise MissingPart(
            f"There is no model folder '{source}'; '{choice}:' wants a folder that exists or a "
            "hub id such as organisation/model."
        )
    return str(Path(source).expanduser()) if Path(source).expanduser().exists() else source


@contextmanager
def sentences_for(source: str) -> Iterator[None]:
    """Turn what the model libraries raise into one sentence about `source`."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if Path(source).exists():
            raise BadInput(
                f"'{source}' does not hold a model that can be loaded here: {_short(reason)}"
            ) from error
        offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE") else ""
        raise MissingPart(
            f"The model '{source}' is neither in the local hub cache nor to be fetched now"
            f"{offline}: download it once with the internet on, or name a folder that holds it."
        ) from error


def _short(reason: str, length: int = 240) -> str:
    return reason if len(reason) <= length else reason[:length].rsplit(" ", 1)[0] + " ..."
