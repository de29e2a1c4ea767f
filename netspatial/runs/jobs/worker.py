"""The process that works on runs while a browser tab or a terminal comes and goes.

`start` puts a run into its folder's queue and sees to it that a worker lives; a worker takes one
run after another, keeps the models loaded between them, and ends itself when idle.
"""

import argparse
import faulthandler
import gc
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from netspatial.errors import Busy, NetSpatialError, reason
from netspatial.runs.jobs import queue
from netspatial.runs.jobs.manifest import Progress
from netspatial.runs.jobs.resource_needs import needs_of
from netspatial.runs.jobs.run import LOG, Run
from netspatial.runs.kinds.registry import resume

IDLE_S = 600.0
LOOK_EVERY_S = 0.1
MOST_MB = 6_000
"""A worker that still holds more memory than this between two runs makes room for a fresh one."""

GENTLE = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for each other sleep: where cores are shared, spinning halves the speed."""
COMMAND = [sys.executable, "-m", "netspatial.runs.jobs.worker"]

_CHILDREN: list[tuple[Path, "subprocess.Popen[bytes]"]] = []
"""Workers that this process started, with their runs folders: one that is still loading holds no
slot yet, and one that has ended must not stay a zombie."""


@dataclass(frozen=True)
class Attached:
    """A look at a run from outside: how far it is, and how many runs are before it."""

    run: Run
    progress: Progress
    ahead: int | None


def start(folder: str | Path, at_once: int = 1, idle_s: float = IDLE_S) -> Run:
    """Have a worker process do what is left of a run; return at once.

    at_once : how many runs of the same runs folder may work at the same time

    A run that failed, was cancelled or was interrupted goes on where it was; one that is being
    worked on or is finished is left alone. One that is larger than the server's settings allow, or
    finds the queue full, is refused; a fresh one is then deleted, another stays as it was.
    """
    run = Run.open(Path(folder).resolve())
    before = run.progress()
    if before.state in ("running", "finished"):
        return run
    from netspatial.runs.jobs.server_settings import server_settings  # noqa: PLC0415  workers need none

    settings = server_settings()
    fresh = before.state == "waiting" and before.started is None and queue.place(run) is None
    try:
        needs_of(run.manifest.kind, run.manifest.request).check_server(settings)
        with suppress(Busy):
            run.set_waiting()
        if run.progress().state == "waiting":
            queue.enter(run, settings)
    except NetSpatialError:
        if fresh:
            run.delete()
        else:
            run.put_back(before)
        raise
    keep_working(queue.root_of(run.folder.parent), at_once, idle_s)
    return run


def attach(folder: str | Path, at_once: int = 1, idle_s: float = IDLE_S) -> Attached:
    """Look how far a run is; a queue that lost its worker gets a new one."""
    run = Run.open(Path(folder).resolve())
    progress, ahead = run.progress(), queue.place(run)
    if progress.state == "waiting" and ahead is not None:
        keep_working(queue.root_of(run.folder.parent), at_once, idle_s)
    return Attached(run, progress, ahead if progress.state == "waiting" else None)


def keep_working(runs: Path, at_once: int = 1, idle_s: float = IDLE_S) -> None:
    """Start a worker where runs wait and a slot is free."""
    if queue.next_run(runs) is not None and _living(runs) < at_once:
        _spawn(runs, ["--at-once", str(at_once), "--idle", str(idle_s)])


def warm_up(runs: str | Path, idle_s: float = IDLE_S) -> None:
    """Have a worker load the shipped models before the first run asks for them."""
    folder = queue.root_of(Path(runs).resolve())
    if _living(folder) == 0:
        _spawn(folder, ["--idle", str(idle_s), "--warm"])


def _living(runs: Path) -> int:
    """Count the workers of a runs folder, those among them that are still starting."""
    _CHILDREN[:] = [(whose, child) for whose, child in _CHILDREN if child.poll() is None]
    ours = {child.pid for whose, child in _CHILDREN if whose == runs}
    return len(ours.union(queue.workers(runs)))


def _spawn(runs: Path, words: list[str]) -> None:
    with queue.log_file(runs).open("ab") as log:
        child = subprocess.Popen(  # noqa: S603  our own interpreter
            [*COMMAND, str(runs), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**GENTLE, **os.environ},
        )
    _CHILDREN.append((runs, child))


def serve(
    runs: Path,
    at_once: int = 1,
    idle_s: float = IDLE_S,
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Work on the runs of a folder until there was nothing to do for `idle_s` seconds.

    prepare : done once, as soon as it is sure that this worker is wanted
    """
    with queue.slot(runs, at_once) as mine:
        if not mine:
            return
        prepare()
        last = time.monotonic()
        while runs.is_dir() and _memory_mb() < MOST_MB:
            run = queue.next_run(runs)
            if run is not None:
                _work(run)
                last = time.monotonic()
            elif time.monotonic() - last < idle_s:
                time.sleep(LOOK_EVERY_S)
            else:
                break
    # one that was put in the queue after our last look still found our slot taken
    if runs.is_dir():
        keep_working(runs, at_once, idle_s)


def _work(run: Run) -> None:
    """Work on one run; its errors are told by its own files, a crash by what it wrote last."""
    with run.path(LOG).open("wb") as log:
        before = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            resume(run)
        except Busy:
            pass  # somebody else works on it
        except NetSpatialError as error:
            _never_began(run, str(error))
        except Exception as error:  # noqa: BLE001  one run's fault must not keep the others waiting
            traceback.print_exc()
            _never_began(run, f"{error.__class__.__name__}: {reason(error)}.")
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
    if run.progress().over:
        queue.leave(run)
    gc.collect()


def _never_began(run: Run, sentence: str) -> None:
    """Leave a run failed that went wrong before its work could say so; else it stays as it is."""
    with suppress(Busy), run.locked():
        if run.progress().state == "waiting":
            run.write_progress(Progress(state="failed", error=sentence))


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / (1 << 20)


def load_models() -> None:
    """Load the shipped models as a planning run would, for the runs to come."""
    from netspatial.runs.jobs import loaded_models  # noqa: PLC0415  torch is heavy

    with suppress(NetSpatialError):  # the run that needs one says what is amiss
        loaded_models.warm_generator()
        _ = loaded_models.warm_context().reader


def _end(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Serve the folder that the command line names."""
    reader = argparse.ArgumentParser(
        prog="python -m netspatial.runs.jobs.worker", description=__doc__
    )
    reader.add_argument("runs", type=Path, help="folder of runs")
    reader.add_argument("--at-once", type=int, default=1, help="runs that may work at once")
    reader.add_argument("--idle", type=float, default=IDLE_S, help="seconds without work to end")
    reader.add_argument("--warm", action="store_true", help="load the shipped models first")
    words = reader.parse_args()
    faulthandler.enable()
    signal.signal(signal.SIGTERM, _end)
    prepare = load_models if words.warm else lambda: None
    serve(words.runs.resolve(), words.at_once, words.idle, prepare)


if __name__ == "__main__":
    main()
