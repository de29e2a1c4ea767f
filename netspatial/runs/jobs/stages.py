"""A run's work as a row of stages: each leaves files and is not done again after a kill.

Between a run's folder and the kinds of work. A stage is finished when its files are there byte for
byte and its key, a hash of all that it reads, is the one in the manifest. Files from outside the
run count by their content.
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
from netspatial.runs.jobs.manifest import Progress, StageRecord, now
from netspatial.runs.jobs.run import CANCEL, Cancelled, Run

TELL_EVERY_S = 0.25
"""Progress goes to disk no more often than this."""

PARTS = ".*.part"
"""Files from which a killed stage goes on; of no use any more once the run is finished."""

Watch = Callable[[Progress], None]
"""What a caller in the same process hears of the progress."""
Tell = Callable[[int, int], None]
"""Takes things done and things in all; raises `Cancelled` where the run is to stop."""


@dataclass(frozen=True)
class Stage:
    """One stage of a run.

    name    : short, the same in every run
    title   : what people read while it runs
    reads   : all inputs that are not files of an earlier stage, JSON-able but for the `Path` of
              files and folders from outside the run, which stand for what they hold
    outputs : names of the files it writes, each of them atomically
    work    : writes them and returns facts for the manifest; told how to report progress
    """

    name: str
    title: str
    reads: Any
    outputs: tuple[str, ...]
    work: Callable[[Tell], Mapping[str, Any]]


@dataclass
class _Voice:
    """Tells progress to the disk, now and then, and to the caller, always."""

    run: Run
    watch: Watch
    progress: Progress
    told_at: float = field(default=-1.0)

    def say(self, *, at_once: bool = False, **changes: Any) -> None:
        self.progress = self.progress.model_copy(update=changes)
        self.watch(self.progress)
        if at_once or time.monotonic() - self.told_at >= TELL_EVERY_S:
            self.run.write_progress(self.progress)
            self.told_at = time.monotonic()

    def advance(self, done: int, total: int) -> None:
        self.run.check_cancelled()
        self.say(done=done, total=total)


def carry_out(
    run: Run, stages: Callable[[], Sequence[Stage]], watch: Watch = lambda _: None
) -> None:
    """Do what is left of a run's stages, under its lock, and say all along how far it is.

    stages : makes the stages; what is wrong with the inputs is said there

    A mistake of the user leaves the run failed with its sentence, any other error with its kind.
    """
    with run.locked():
        run.path(CANCEL).unlink(missing_ok=True)
        sweep(run.folder)
        voice = _Voice(run, watch, Progress(state="running", pid=os.getpid(), started=now()))
        try:
            voice.say(at_once=True, message="Opening")
            _go_through(run, stages(), voice)
        except Cancelled:
            run.path(CANCEL).unlink(missing_ok=True)
            voice.say(at_once=True, state="cancelled")
            raise
        except NetSpatialError as error:
            voice.say(at_once=True, state="failed", error=str(error))
            raise
        except Exception as error:
            said = f"{error.__class__.__name__} while '{voice.progress.message}': {reason(error)}."
            voice.say(at_once=True, state="failed", error=said)
            raise
        except BaseException:
            voice.say(at_once=True, state="interrupted", error="It was interrupted from outside.")
            raise
        for part in run.folder.glob(PARTS):
            part.unlink()
        voice.say(at_once=True, state="finished", message="Done")


def _go_through(run: Run, stages: Sequence[Stage], voice: _Voice) -> None:
    keys = stage_keys(stages)
    left = first_unfinished(run, keys)
    stale = tuple(stage.name for stage in stages[left:])
    if set(stale) & set(run.manifest.stages):
        run.forget_stages(stale)
    for number, stage in enumerate(stages, start=1):
        if number <= left:
            continue
        run.check_cancelled()
        voice.say(
            at_once=True, stage=stage.name, message=stage.title, number=number, of=len(stages),
            done=0, total=0,
        )  # fmt: skip
        begun = time.perf_counter()
        facts = stage.work(voice.advance)
        record = StageRecord(
            key=keys[stage.name],
            seconds=round(time.perf_counter() - begun, 3),
            outputs={name: file_sha256(run.path(name)) for name in stage.outputs},
        )
        run.record_stage(stage.name, record, facts)


def first_unfinished(run: Run, keys: Mapping[str, str]) -> int:
    """Return how many stages, from the first on, need not be done again.

    keys : of all stages in their order, as `stage_keys` returns them
    """
    done = run.manifest.stages
    for position, (name, key) in enumerate(keys.items()):
        record = done.get(name)
        if record is None or record.key != key or not _whole(run, record):
            return position
    return len(keys)


def stage_keys(stages: Sequence[Stage]) -> dict[str, str]:
    """Return each stage's key: a hash of what it reads, by content, and of all stages before it."""
    keys: dict[str, str] = {}
    above = ""
    for stage in stages:
        text = json.dumps([above, stage.name, stage.reads], sort_keys=True, default=_content)
        above = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        keys[stage.name] = above
    return keys


def _content(value: object) -> str | None:
    """Return what stands in a key for a file or folder from outside the run."""
    if isinstance(value, Path):
        return content_hash(value)
    raise TypeError(f"A stage cannot read a {type(value).__name__}; give JSON-able values or paths")


def _whole(run: Run, record: StageRecord) -> bool:
    """Tell whether a stage's files are there, byte for byte as it wrote them."""
    return all(
        run.path(name).is_file() and file_sha256(run.path(name)) == known
        for name, known in record.outputs.items()
    )
