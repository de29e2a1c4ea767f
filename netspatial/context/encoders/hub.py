"""Loading of models from the Hugging Face hub or a folder, with short errors.

Without internet the hub's client would retry for a minute; here the hub is tried once with a short
timeout, and models in the local cache still load.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from netspatial.errors import BadInput, MissingPart, reason

PATIENCE_S = 4.0
"""Timeout of the hub, seconds."""


def located(source: str, kind: str) -> str:
    """Return `source` if it can be a folder or a hub id, else raise.

    kind : the name of the encoder, for the error
    """
    if not source:
        raise BadInput(
            f"'{kind}' does not say which model: add a folder or a hub id after '{kind}:'."
        )
    try:
        folder = Path(source).expanduser()
        if folder.exists():
            return str(folder)
    except (OSError, RuntimeError, ValueError) as error:  # too long, or an unknown user's home
        raise MissingPart(
            f"'{source}' is neither a folder nor a hub id: {reason(error)}."
        ) from error
    if source.startswith((".", "/", "~")) or source.count("/") > 1:
        raise MissingPart(
            f"There is no model folder '{source}'; '{kind}:' needs an existing folder or a hub id "
            "such as organisation/model."
        )
    if not (on_this_machine(source) or _hub_answers()):
        raise _missing(source, "the hub cannot be reached")
    return source


def on_this_machine(source: str) -> Path | None:
    """Return the local folder of a model: its own or that of the hub's cache; None without.

    source : a folder or a hub id
    """
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415  light start-up
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    folder = Path(source).expanduser()
    if folder.exists():
        return folder
    try:
        cached = try_to_load_from_cache(source, "config.json")
    except HFValidationError as error:
        raise BadInput(
            f"'{source}' is neither an existing folder nor a hub id such as organisation/model."
        ) from error
    return Path(cached).parent if isinstance(cached, str) else None


@contextmanager
def loading(source: str) -> Iterator[None]:
    """Load from `source` inside the block: no waiting for the hub, a one-sentence error."""
    from safetensors import SafetensorError  # noqa: PLC0415  with the heavy libraries
    from transformers.utils import logging as reports  # noqa: PLC0415  takes seconds to import

    local = Path(source).exists()
    offline = local or not _hub_answers()
    shows_bars = reports.is_progress_bar_enabled()
    reports.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.disable(logging.ERROR)  # failures are reported below, in one sentence
    try:
        with _cache_only() if offline else nullcontext():
            yield
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, SafetensorError) as error:
        if local:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise BadInput(
                f"'{source}' does not hold a model that can be loaded here: {_short(reason)}"
            ) from error
        problem = "the hub cannot be reached" if offline else "the hub does not provide it"
        raise _missing(source, problem) from error
    finally:
        logging.disable(logging.NOTSET)
        if shows_bars:
            reports.enable_progress_bar()  # type: ignore[no-untyped-call]


def _missing(source: str, problem: str) -> MissingPart:
    return MissingPart(
        f"The model '{source}' is not in the local cache and {problem}: check its name, download "
        "it once with internet access, or name a folder that contains it."
    )


def _hub_answers() -> bool:
    """Return whether the hub answers one request, through the proxy of its client."""
    from huggingface_hub import constants, get_session  # noqa: PLC0415  light start-up

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_session().head(constants.ENDPOINT, timeout=PATIENCE_S)
    except Exception:  # noqa: BLE001  any error of its client means no answer
        return False
    return True


@contextmanager
def _cache_only() -> Iterator[None]:
    """Make the hub's client use its cache only; not all models pass an argument for this."""
    from huggingface_hub import constants  # noqa: PLC0415  light start-up

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _short(reason: str, length: int = 240) -> str:
    return reason if len(reason) <= length else reason[:length].rsplit(" ", 1)[0] + " ..."
