"""Worker process that executes runs independently of browser tabs and terminals.

`start` queues a run and starts a worker if needed; a worker executes one run after another, keeps
the models loaded in between, and exits when idle.
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
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.resource_needs import needs_of
from netspatial.runs.jobs.run import LOG, Run
from netspatial.runs.kinds.registry import resume

IDLE_S = 600.0
LOOK_EVERY_S = 0.1
MAX_MB = 6_000
"""A worker with more memory than this between two runs is replaced by a new one, MB."""

GENTLE = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Waiting threads sleep, as spinning halves the speed on shared cores."""
COMMAND = [sys.executable, "-m", "netspatial.runs.jobs.worker"]

_CHILDREN: list[tuple[Path, "subprocess.Popen[bytes]"]] = []
"""Workers started by this process with their runs folders: a loading worker holds no slot yet, and
an ended one must not remain a zombie."""


@dataclass(frozen=True)
class Attached:
    """The progress of a run and the number of runs before it."""

    run: Run
    progress: RunProgress
    ahead: int | None


def start(folder: str | Path, at_once: int = 1, idle_s: float = IDLE_S) -> Run:
    """Queue a run for a worker process and return at once.

    at_once : maximum number of parallel workers of the runs folder

    A failed, cancelled or interrupted run is resumed; a running or finished one is left unchanged.
    A run beyond the server's limits, or with a full queue, is refused: a new run is then deleted,
    another one keeps its state.
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
    """Return the progress of a run; start a worker if its queue has none."""
    run = Run.open(Path(folder).resolve())
    progress, ahead = run.progress(), queue.place(run)
    if progress.state == "waiting" and ahead is not None:
        keep_working(queue.root_of(run.folder.parent), at_once, idle_s)
    return Attached(run, progress, ahead if progress.state == "waiting" else None)


def keep_working(runs: Path, at_once: int = 1, idle_s: float = IDLE_S) -> None:
    """Start a worker if a run is waiting and a slot is free."""
    if queue.next_run(runs) is not None and _living(runs) < at_once:
        _spawn(runs, ["--at-once", str(at_once), "--idle", str(idle_s)])


def warm_up(runs: str | Path, idle_s: float = IDLE_S) -> None:
    """Start a worker that loads the bundled models before the first run."""
    folder = queue.root_of(Path(runs).resolve())
    if _living(folder) == 0:
        _spawn(folder, ["--idle", str(idle_s), "--warm"])


def _living(runs: Path) -> int:
    """Return the number of workers of a runs folder, including those that are starting."""
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
    """Execute the runs of a folder until none was waiting for `idle_s` seconds.

    prepare : called once, after a slot was obtained
    """
    with queue.slot(runs, at_once) as mine:
        if not mine:
            return
        prepare()
        last = time.monotonic()
        while runs.is_dir() and _memory_mb() < MAX_MB:
            run = queue.next_run(runs)
            if run is not None:
                _work(run)
                last = time.monotonic()
            elif time.monotonic() - last < idle_s:
                time.sleep(LOOK_EVERY_S)
            else:
                break
    # a run queued after the last check found the slot still taken
    if runs.is_dir():
        keep_working(runs, at_once, idle_s)


def _work(run: Run) -> None:
    """Execute one run; errors are recorded in its files, standard error in its log."""
    with run.path(LOG).open("wb") as log:
        before = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            resume(run)
        except Busy:
            pass  # another process executes it
        except NetSpatialError as error:
            _never_began(run, str(error))
        except Exception as error:  # noqa: BLE001  one run's error must not stop the worker
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
    """Set a run to failed if it raised before its stages started."""
    with suppress(Busy), run.locked():
        if run.progress().state == "waiting":
            run.write_progress(RunProgress(state="failed", error=sentence))


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / (1 << 20)


def load_models() -> None:
    """Load the bundled models of a planning run into the cache."""
    from netspatial.runs.jobs import loaded_models  # noqa: PLC0415  torch is heavy

    with suppress(NetSpatialError):  # the run that needs the model reports the error
        loaded_models.warm_generator()
        _ = loaded_models.warm_context().extractor


def _end(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Serve the runs folder given on the command line."""
    reader = argparse.ArgumentParser(
        prog="python -m netspatial.runs.jobs.worker", description=__doc__
    )
    reader.add_argument("runs", type=Path, help="folder of runs")
    reader.add_argument("--at-once", type=int, default=1, help="maximum number of parallel workers")
    reader.add_argument(
        "--idle", type=float, default=IDLE_S, help="seconds without work before exit"
    )
    reader.add_argument("--warm", action="store_true", help="load the bundled models first")
    arguments = reader.parse_args()
    faulthandler.enable()
    signal.signal(signal.SIGTERM, _end)
    prepare = load_models if arguments.warm else lambda: None
    serve(arguments.runs.resolve(), arguments.at_once, arguments.idle, prepare)


if __name__ == "__main__":
    main()
