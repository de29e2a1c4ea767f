"""Execution of a run in stages: finished stages are not repeated after a kill.

A stage is finished if its files are unchanged and its key, a hash of all its inputs, is that of the
manifest. Files from outside the run enter the key by content.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netspatial.content import content_hash, file_sha256
from netspatial.disk import sweep
from netspatial.errors import NetSpatialError, reason
from netspatial.progress import Progress
from netspatial.runs.jobs.manifest import RunProgress, StageRecord, now
from netspatial.runs.jobs.run import CANCEL, Cancelled, Run

WRITE_EVERY_S = 0.25
"""Minimum time between two writes of the progress, s."""

PARTS = ".*.part"
"""Files from which a killed stage resumes; removed when the run is finished."""

Watch = Callable[[RunProgress], None]
"""Callback of a caller in the same process, called with the progress."""


@dataclass(frozen=True)
class Stage:
    """One stage of a run.

    name    : short, the same in every run
    title   : shown to users while the stage runs
    reads   : all inputs except files of earlier stages, JSON-able; a `Path` from outside the run
              stands for the content of its file or folder
    outputs : names of the files it writes, each atomically
    work    : writes them and returns facts for the manifest; its progress callback raises
              `Cancelled` if cancellation was requested
    """

    name: str
    title: str
    reads: Any
    outputs: tuple[str, ...]
    work: Callable[[Progress], Mapping[str, Any]]


@dataclass
class _Reporter:
    """Reports progress to the caller, and at intervals to the disk."""

    run: Run
    watch: Watch
    progress: RunProgress
    written_at: float = field(default=-1.0)

    def report(self, *, at_once: bool = False, **changes: Any) -> None:
        self.progress = self.progress.model_copy(update=changes)
        self.watch(self.progress)
        if at_once or time.monotonic() - self.written_at >= WRITE_EVERY_S:
            self.run.write_progress(self.progress)
            self.written_at = time.monotonic()

    def advance(self, what: str, share: float) -> None:
        self.run.check_cancelled()
        self.report(detail=what, stage_share=share)


def run_stages(
    run: Run, stages: Callable[[], Sequence[Stage]], watch: Watch = lambda _: None
) -> None:
    """Run the unfinished stages of a run under its lock, and report the progress.

    stages : returns the stages; may raise BadInput for wrong inputs

    Any error sets the run to failed: a NetSpatialError with its message, others with their type.
    """
    with run.locked():
        run.path(CANCEL).unlink(missing_ok=True)
        sweep(run.folder)
        reporter = _Reporter(
            run, watch, RunProgress(state="running", pid=os.getpid(), started=now())
        )
        try:
            reporter.report(at_once=True, message="Opening")
            _go_through(run, stages(), reporter)
        except Cancelled:
            run.path(CANCEL).unlink(missing_ok=True)
            reporter.report(at_once=True, state="cancelled")
            raise
        except NetSpatialError as error:
            reporter.report(at_once=True, state="failed", error=str(error))
            raise
        except Exception as error:
            said = (
                f"{error.__class__.__name__} during '{reporter.progress.message}': {reason(error)}."
            )
            reporter.report(at_once=True, state="failed", error=said)
            raise
        except BaseException:
            reporter.report(
                at_once=True, state="interrupted", error="The run was interrupted from outside."
            )
            raise
        for part in run.folder.glob(PARTS):
            part.unlink()
        reporter.report(at_once=True, state="finished", message="Done")


def _go_through(run: Run, stages: Sequence[Stage], reporter: _Reporter) -> None:
    keys = stage_keys(stages)
    left = first_unfinished(run, keys)
    stale = tuple(stage.name for stage in stages[left:])
    if set(stale) & set(run.manifest.stages):
        run.forget_stages(stale)
    for number, stage in enumerate(stages, start=1):
        if number <= left:
            continue
        run.check_cancelled()
        reporter.report(
            at_once=True,
            stage=stage.name,
            message=stage.title,
            number=number,
            of=len(stages),
            detail="",
            stage_share=0.0,
        )
        begun = time.perf_counter()
        facts = stage.work(reporter.advance)
        record = StageRecord(
            key=keys[stage.name],
            seconds=round(time.perf_counter() - begun, 3),
            outputs={name: file_sha256(run.path(name)) for name in stage.outputs},
        )
        run.record_stage(stage.name, record, facts)


def first_unfinished(run: Run, keys: Mapping[str, str]) -> int:
    """Return the number of leading stages that are finished and unchanged.

    keys : of all stages in order, as `stage_keys` returns them
    """
    done = run.manifest.stages
    for position, (name, key) in enumerate(keys.items()):
        record = done.get(name)
        if record is None or record.key != key or not _whole(run, record):
            return position
    return len(keys)


def stage_keys(stages: Sequence[Stage]) -> dict[str, str]:
    """Return the key of each stage: a hash of its inputs and of all stages before it."""
    keys: dict[str, str] = {}
    above = ""
    for stage in stages:
        text = json.dumps([above, stage.name, stage.reads], sort_keys=True, default=_content)
        above = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        keys[stage.name] = above
    return keys


def _content(value: object) -> str | None:
    """Return the content hash of a file or folder from outside the run."""
    if isinstance(value, Path):
        return content_hash(value)
    raise TypeError(f"A stage cannot read a {type(value).__name__}; give JSON-able values or paths")


def _whole(run: Run, record: StageRecord) -> bool:
    """Return whether all files of a stage exist unchanged."""
    return all(
        run.path(name).is_file() and file_sha256(run.path(name)) == known
        for name, known in record.outputs.items()
    )
