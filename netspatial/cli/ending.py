"""Errors on the command line: one sentence and an exit code.

User errors have code 2. Internal errors have code 70, with the stack trace in a log file whose path
the sentence states.
"""

import errno
import logging
import os
import shlex
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs
import typer
from rich.text import Text

from netspatial import __version__
from netspatial.cli.console import console
from netspatial.errors import NetSpatialError, printable, reason

USERS_MISTAKE = 2
OURS = 70
"""EX_SOFTWARE of sysexits.h: internal software error."""
STOPPED = 130
LOG = "errors.log"
LOG_BYTES = 1_000_000
"""Size at which the log is rotated; one older file is kept."""

UsageError: type[typer.BadParameter] = typer.BadParameter.mro()[1]
"""Base class of usage errors; typer exports only this subclass by name."""

LOOP = "Symlink loop"
"""Message of pathlib for errno.ELOOP, until Python 3.13."""
USERS_FILES = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.ELOOP,
    errno.ENAMETOOLONG,
)
"""Errors of the system about the user's paths, not internal errors."""


def end(error: BaseException) -> int:
    """Print one sentence on an error and return the exit code."""
    code = USERS_MISTAKE
    if isinstance(error, NetSpatialError):
        kind, sentence = error.__class__.__name__, str(error)
    elif isinstance(error, UsageError):
        kind, sentence = "Usage", error.format_message().replace(". Did you mean", "; did you mean")
    elif isinstance(error, MemoryError):
        kind = "Memory"
        sentence = f"There is not enough memory ({reason(error)}); reduce the size of the job."
    elif isinstance(error, OSError) and error.errno in USERS_FILES:
        where = f"'{error.filename}': " if error.filename else ""
        kind, sentence = "File", f"{where}{error.strerror}"
    elif isinstance(error, RuntimeError) and str(error).startswith(LOOP):
        kind, sentence = "File", str(error)
    elif isinstance(error, typer.Abort | KeyboardInterrupt):
        code, kind, sentence = STOPPED, "Stopped", "Cancelled by the user"
    else:
        code, kind = OURS, "Bug"
        failed = f"NetSpatial failed with {error.__class__.__name__}: {reason(error)}."
        sentence = f"{failed} {_log(error)}"
    _say(kind, sentence)
    return code


def log_folder() -> Path:
    """Return the log folder: $NETSPATIAL_LOGS or the platform's folder for logs."""
    named = os.environ.get("NETSPATIAL_LOGS")
    return Path(named) if named else platformdirs.user_log_path("netspatial", appauthor=False)


def _log(error: BaseException) -> str:
    """Write the stack trace to the log; return a sentence with its path."""
    path = log_folder() / LOG
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as refused:
        return f"Its stack trace could not be written: '{path.parent}': {refused.strerror}."
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    record = logging.LogRecord(
        "netspatial",
        logging.ERROR,
        __file__,
        0,
        "netspatial %s: %s",
        (__version__, shlex.join(sys.argv[1:])),
        (type(error), error, error.__traceback__),
    )
    handler.emit(record)
    handler.close()
    return f"Its stack trace is at the end of '{path}'; please report it."


def _say(kind: str, sentence: str) -> None:
    plain = printable(sentence)
    full = plain if plain.endswith((".", "?")) else f"{plain}."
    line = Text.assemble((kind, "bold red"), ": ", full)
    console(stderr=True).print(line, soft_wrap=True)
