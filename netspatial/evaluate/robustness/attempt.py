"""One call of the program in a process of its own, with limits of time, memory and file size.

Every call is forked from a server that has imported the program, so that it costs milliseconds,
and whatever it does to itself ends with it. The server is a process without threads.
"""

import json
import multiprocessing
import os
import pkgutil
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Lock, Thread

PRELOADED = (
    "netspatial.cli",
    "netspatial.context.embed",
    "netspatial.context.fusion.fusion_variants",
    "netspatial.context.context_file",
    "netspatial.generate.generator",
    "netspatial.generate.pipelines",
    "netspatial.forecast.fitting",
    "netspatial.forecast.network_forecaster",
    "netspatial.place_files",
    "netspatial.runs.kinds.planning",
    "netspatial.runs.kinds.operating",
    "netspatial.runs.kinds.operating_request",
    "netspatial.runs.exports",
    "netspatial.simulate",
    "netspatial.sources.build",
    "netspatial.ui.plan.areas",
    "netspatial.ui.cities.upload",
    "netspatial.ui.plan.area_upload",
)
"""Imported once by the server; named only, since this package lies below some of them."""

BUG = 70
"""Exit code of the command line, and here of any error, where the fault is the program's."""
REFUSED = 2
"""Exit code of a user's mistake."""

ONE_AT_A_TIME = Lock()
"""Held while processes are begun or asked for their end: multiprocessing asks for the ends of all
of them then, and where two threads ask for the same one, one of them hears nothing but 255."""
LISTEN_S = 10.0
"""Seconds in which the last words of a call that has ended are heard."""


@dataclass(frozen=True)
class CallLimits:
    """What a call may use: processor seconds, memory in MB, bytes of a file, seconds by the clock.

    The clock is generous, so that a busy machine makes no difference.
    """

    cpu_s: int = 60
    memory_mb: int = 3000
    file_bytes: int | None = None
    wall_s: float = 240.0


@dataclass(frozen=True)
class Attempt:
    """What came of a call: exit code, negative after a signal; None where it was ended for time.

    peak_mb, cpu_s : of its own and its children's; None where it did not come to its end
    """

    code: int | None
    out: str
    err: str
    seconds: float
    peak_mb: float | None
    cpu_s: float | None


def server(environment: dict[str, str]) -> ForkServerContext:
    """Return what processes are started by; the first call starts its server.

    environment : added to that of this process, and so to every call's
    """
    os.environ.update(environment)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def call(
    context: ForkServerContext,
    argv: Sequence[str],
    folder: Path,
    notes: Path,
    limits: CallLimits,
    kill_after_s: float | None = None,
) -> Attempt:
    """Run `netspatial` with these words in `folder`.

    notes        : folder for what it prints
    kill_after_s : seconds after which it is killed; that is no fault of its
    """
    return call_function(context, _command, (list(argv),), folder, notes, limits, kill_after_s)


def call_function(
    context: ForkServerContext,
    function: Callable[..., None] | str,
    arguments: tuple[object, ...],
    folder: Path,
    notes: Path,
    limits: CallLimits,
    kill_after_s: float | None = None,
) -> Attempt:
    """Run a function, or one named as 'package.module:function', in `folder`."""
    notes.mkdir(parents=True, exist_ok=True)
    pipes = {name: context.Pipe(duplex=False) for name in ("stdout", "stderr")}
    said = {name: writer for name, (_, writer) in pipes.items()}
    process = context.Process(
        target=_child, args=(function, arguments, folder, notes, limits, said)
    )
    begun = time.monotonic()
    with ONE_AT_A_TIME:
        process.start()
    listeners = [
        Thread(target=_listen, args=(reader, notes / name), daemon=True)
        for name, (reader, _) in pipes.items()
    ]
    for listener, writer in zip(listeners, said.values(), strict=True):
        writer.close()
        listener.start()
    wait([process.sentinel], limits.wall_s if kill_after_s is None else kill_after_s)
    with ONE_AT_A_TIME:
        late = process.is_alive()
    if late and process.pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    wait([process.sentinel])
    with ONE_AT_A_TIME:
        process.join()
    for listener in listeners:
        listener.join(LISTEN_S)
    out_of_time = process.exitcode == -signal.SIGXCPU or late
    used = notes / "used.json"
    peak_mb, cpu_s = json.loads(used.read_text()) if used.is_file() else (None, None)
    return Attempt(
        code=None if out_of_time else process.exitcode,
        out=(notes / "stdout").read_text(errors="replace"),
        err=(notes / "stderr").read_text(errors="replace"),
        seconds=time.monotonic() - begun,
        peak_mb=peak_mb,
        cpu_s=cpu_s,
    )


def _listen(reader: Connection, path: Path) -> None:
    """Write to a file what is said, until nobody can say more.

    By a pipe and not into the file: a limit of the size of files is for what is made.
    """
    with reader, path.open("wb") as file:
        while said := os.read(reader.fileno(), 1 << 16):
            file.write(said)
            file.flush()


def _child(
    function: Callable[..., None] | str,
    arguments: tuple[object, ...],
    folder: Path,
    notes: Path,
    limits: CallLimits,
    said: dict[str, Connection],
) -> None:
    os.setsid()
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(said[name].fileno(), number)
        said[name].close()
        setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    os.chdir(folder)
    _limit(limits)
    try:
        called = pkgutil.resolve_name(function) if isinstance(function, str) else function
        called(*arguments)
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001  whatever comes out is what is looked for
        traceback.print_exc()
        sys.exit(BUG)
    finally:
        import resource  # noqa: PLC0415  not on every system

        sys.stdout.flush()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        (notes / "used.json").write_text(json.dumps(_used()))


def _used() -> tuple[float, float]:
    """Return the peak memory of this process or of any it has waited for, MB, and their seconds."""
    import resource  # noqa: PLC0415  not on every system

    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    per_mb = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return max(one.ru_maxrss for one in both) / per_mb, sum(
        one.ru_utime + one.ru_stime for one in both
    )


def _limit(limits: CallLimits) -> None:
    import resource  # noqa: PLC0415  not on every system

    memory = limits.memory_mb << 20
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.file_bytes is not None:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, hard))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _command(argv: list[str]) -> None:
    sys.argv = ["netspatial", *argv]
    runpy.run_module("netspatial", run_name="__main__", alter_sys=True)
