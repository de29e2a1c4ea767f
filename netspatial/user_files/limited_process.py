"""A function called in a process of its own, with limits of memory, time and open files.

What a hostile file does to a library, a crash or work without end, ends that process and becomes
one sentence here. Arguments and results are JSON; data go through files.
"""

import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from netspatial import errors
from netspatial.errors import BadInput, Busy, NetSpatialError, reason
from netspatial.user_files.limits import Limits

AT_ONCE = 2
"""Limited processes of this process at one time; another waits."""

LAST_BYTES = 4000
"""Of what a process says, which may be without end."""

QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "GDAL_CACHEMAX": "64",
}
"""Few threads and memory pools, whose reserves would count as memory in use."""
NO_NETWORK = {
    "PROJ_NETWORK": "OFF",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
}
"""GDAL and PROJ open no address, whatever a file names."""

_LOG = logging.getLogger(__name__)
_SLOTS = threading.BoundedSemaphore(AT_ONCE)
_inside = False


def call(
    function: str,
    arguments: Mapping[str, Any],
    limits: Limits,
    what: str,
    drivers: Sequence[str] = (),
) -> Any:
    """Return what a function returns that a fresh process calls under limits.

    function  : 'package.module:name'
    arguments : by name, JSON-able; so is what comes back
    what      : what is read, as the begin of a sentence
    drivers   : the only drivers of GDAL that the process has; none given, it opens nothing by GDAL

    In such a process already, the function is called directly.
    """
    if _inside:
        return _function(function)(**arguments)
    asked = {"function": function, "arguments": dict(arguments), "limits": limits.to_json()}
    with _slot(limits), tempfile.TemporaryDirectory(prefix="netspatial-reading-") as folder:
        answer = Path(folder) / "answer.json"
        asked["answer"] = str(answer)
        code, metadata = _run(asked, Path(folder) / "told.txt", limits, what, drivers)
        if code == 0 and answer.is_file():
            return _taken(json.loads(answer.read_bytes()), what)
        raise _ended(code, metadata, limits, what)


def is_inside() -> bool:
    """Tell whether this process is one that `call` started."""
    return _inside


def serve() -> None:
    """Call the function that standard input names; the beginning of a limited process."""
    global _inside  # noqa: PLW0603  what this process is, set once at its start
    _inside = True
    asked = json.loads(sys.stdin.read())
    function = _function(asked["function"])  # libraries load before the limits hold
    limits = Limits(**asked["limits"])
    _limit(limits)
    try:
        answer: dict[str, Any] = {"result": function(**asked["arguments"])}
    except NetSpatialError as error:
        answer = {"error": type(error).__name__, "sentence": str(error)}
    except MemoryError:
        answer = {"memory": limits.memory_mb}
    except Exception as error:  # noqa: BLE001  any fault that a file causes becomes a sentence
        answer = {
            "unexpected": f"{type(error).__name__}: {reason(error):.200}",
            "told": traceback.format_exc(),
        }
    Path(asked["answer"]).write_text(json.dumps(answer))


@contextmanager
def _slot(limits: Limits) -> Iterator[None]:
    """Hold one of the places for limited processes; what has no limit of memory needs none."""
    if limits.memory_mb is None:
        yield
        return
    if not _SLOTS.acquire(timeout=limits.wall_s):
        raise Busy("Other files are being read just now; try again in a minute.")
    try:
        yield
    finally:
        _SLOTS.release()


def _run(
    asked: dict[str, Any], log: Path, limits: Limits, what: str, drivers: Sequence[str]
) -> tuple[int, str]:
    """Return the exit code of the process and the last that it wrote on its standard error."""
    environment = {**os.environ, **QUIET, **NO_NETWORK, "PYTHONPATH": _search_path()}
    if drivers:
        environment["GDAL_SKIP"] = _others(tuple(drivers))
    try:
        with log.open("wb") as metadata:
            done = subprocess.run(  # noqa: S603  our own interpreter
                [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
                input=json.dumps(asked).encode(),
                stdout=subprocess.DEVNULL,
                stderr=metadata,
                env=environment,
                timeout=limits.wall_s,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise BadInput(
            f"{what} was not read within {limits.wall_s} s; give a smaller one."
        ) from error
    with log.open("rb") as metadata:
        metadata.seek(max(0, log.stat().st_size - LAST_BYTES))
        return done.returncode, metadata.read().decode(errors="replace")


def _search_path() -> str:
    root = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))


@cache
def _others(drivers: tuple[str, ...]) -> str:
    """Return every driver of GDAL but these, of both copies of it, as GDAL_SKIP names them."""
    import pyogrio  # noqa: PLC0415  heavy, and not needed where nothing is opened by GDAL
    import rasterio  # noqa: PLC0415

    with rasterio.Env() as environment:
        known = {*pyogrio.list_drivers(), *environment.drivers()}
    return ",".join(sorted(known.difference(drivers)))


def _function(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _limit(limits: Limits) -> None:
    """Set the limits of this process, where the system knows such."""
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.open_files is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    if limits.cpu_s is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + limits.cpu_s
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    memory = Path("/proc/self/statm")  # only Linux counts and bounds address space reliably
    if limits.memory_mb is not None and memory.is_file():
        now = int(memory.read_text().split()[0]) * resource.getpagesize()
        most = now + limits.memory_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _taken(answer: dict[str, Any], what: str) -> Any:
    """Return the result, or raise what went wrong."""
    if "result" in answer:
        return answer["result"]
    if "error" in answer:
        kind = getattr(errors, answer["error"], BadInput)
        raise kind(answer["sentence"])
    if "memory" in answer:
        raise _too_much_memory(what, answer["memory"])
    _LOG.info("%s: %s", what, answer["told"])
    raise BadInput(f"{what} cannot be read: {answer['unexpected'].rstrip('.')}.")


def _ended(code: int, metadata: str, limits: Limits, what: str) -> NetSpatialError:
    """Return what is said where the process ended without an answer."""
    _LOG.info("%s: the process that read it ended with %d: %s", what, code, metadata)
    if limits.memory_mb is not None and any(word in metadata for word in _NO_MEMORY):
        return _too_much_memory(what, limits.memory_mb)
    if -code == getattr(signal, "SIGXCPU", None):
        return BadInput(
            f"{what} takes more than {limits.cpu_s} s of computing to be read; give a smaller one."
        )
    if -code == getattr(signal, "SIGKILL", None):
        return BadInput(f"{what} takes more memory than there is to be read; give a smaller one.")
    name = signal.Signals(-code).name if code < 0 else f"code {code}"
    return BadInput(
        f"{what} makes its reader crash ({name}); it is damaged, save it again from its program."
    )


_NO_MEMORY = ("bad_alloc", "MemoryError", "cannot allocate", "Cannot allocate", "out of memory")


def _too_much_memory(what: str, max_mb: int | None) -> NetSpatialError:
    most = "there is" if max_mb is None else f"{max_mb} MB"
    return BadInput(f"{what} needs more memory than {most} to be read; give a smaller one.")
