"""`Run`: a run on disk, from the question to its files; what is there survives any crash.

A handle on a folder. Whoever works on a run holds its lock; everybody else reads its manifest and
progress, and may ask it to stop.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pydantic

from netspatial.checked import read_json
from netspatial.content import file_sha256
from netspatial.disk import (
    Mark,
    atomic_file,
    atomic_folder,
    hold_target,
    is_target_held,
    remove_folder,
    sweep,
)
from netspatial.errors import BadInput, Busy, MissingPart, NetSpatialError, reason
from netspatial.runs.jobs.manifest import Manifest, Progress, StageRecord, now, versions
from netspatial.runs.jobs.resource_needs import needs_of

MANIFEST = "manifest.json"
PROGRESS = "progress.json"
CANCEL = "cancel"
MARK = Mark(MANIFEST, ("kind", "created", "request", "versions"))
"""What shows that a folder is a run's."""
LOG = "worker.log"
"""What a worker process wrote to its standard error while it worked on this run."""

PATIENCE_S, SHORT_PATIENCE_S = 1.0, 0.1
"""A reader holds the lock for an instant to see whether it is held; a worker waits so long for it,
and whoever cancels or deletes for the shorter time."""
LAST_WORDS = 300
"""Characters of a dead worker's log that are told."""

Kind = TypeVar("Kind", bound=pydantic.BaseModel)


class Cancelled(NetSpatialError):
    """Somebody asked the run to stop, and it stopped."""


@dataclass(frozen=True)
class Run:
    """The folder of a run."""

    folder: Path

    @classmethod
    def create(cls, folder: str | Path, kind: str, request: Mapping[str, Any]) -> "Run":
        """Make a run that waits to be worked on; one that this machine cannot hold is refused.

        kind    : name of the work, a key of `netspatial.runs.kinds.registry.KINDS`
        request : all inputs, JSON-able
        """
        target = Path(folder)
        needs_of(kind, request).check_machine(target.resolve())
        manifest = Manifest(
            kind=kind,
            name=target.name,
            created=now(),
            request=dict(request),
            versions=versions(),
        )
        with atomic_folder(target, known_by=MARK) as draft:
            if (target / MANIFEST).exists():
                raise BadInput(f"There is a run in '{target}' already; choose another folder.")
            (draft / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
            (draft / PROGRESS).write_text(Progress(updated=now()).model_dump_json(indent=2) + "\n")
        return cls(target)

    @classmethod
    def open(cls, folder: str | Path) -> "Run":
        """Open the folder of a run, at work or not."""
        run = cls(Path(folder))
        try:
            there = (run.folder / MANIFEST).is_file()
        except (OSError, ValueError) as error:  # too long a name, or no name at all
            raise BadInput(f"The name '{folder}' is none of a run: {reason(error)}.") from error
        if not there:
            what = "is no run: it has no manifest.json" if run.folder.is_dir() else "does not exist"
            raise BadInput(f"The folder '{run.folder}' {what}; `netspatial runs list` shows runs.")
        _ = run.manifest
        return run

    def made(self, name: str, what: str) -> Path:
        """Return a file that a finished stage wrote, byte for byte as it left it.

        The door to all results of a run; `what` the file is, for people: "plan".
        """
        self.require_output(name, what)
        known = {
            file: of for it in self.manifest.stages.values() for file, of in it.outputs.items()
        }
        path = self.path(name)
        if name not in known:
            raise MissingPart(
                f"The run '{self.name}' has not finished its {what}; go on with it by `netspatial "
                "runs resume`."
            )
        if known[name] is not None and _content(path) != known[name]:
            raise BadInput(
                f"'{path}' is not the file that the run wrote, it was damaged or changed since; "
                "`netspatial runs resume` makes it again."
            )
        return path

    def require_output(self, name: str, what: str) -> None:
        """Raise unless a file of the result is there; `what` it is, for people: "plan"."""
        if not self.path(name).is_file():
            raise MissingPart(
                f"The run '{self.name}' has no {what} yet, it is {self.progress().state}; wait for "
                "it, or go on with it by `netspatial runs resume`."
            )

    @property
    def manifest(self) -> Manifest:
        """What was asked and done, read from disk."""
        return self._read(MANIFEST, Manifest)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    def path(self, name: str) -> Path:
        """Return where a file of the run is or will be."""
        return self.folder / name

    def progress(self) -> Progress:
        """Return how far the run is. Where its worker died, it is interrupted, with the reason."""
        metadata = self._read(PROGRESS, Progress)
        if metadata.state != "running" or is_target_held(self.folder):
            return metadata
        # between two looks the work may have ended well
        metadata = self._read(PROGRESS, Progress)
        if metadata.state != "running":
            return metadata
        return metadata.model_copy(
            update={"state": "interrupted", "error": self._crash_reason(metadata)}
        )

    def cancel(self) -> None:
        """Ask the work to stop at the next batch; a run that only waits is cancelled at once."""
        try:
            with self.locked(SHORT_PATIENCE_S):
                if not self._read(PROGRESS, Progress).over:
                    self.write_progress(
                        self._read(PROGRESS, Progress).model_copy(update={"state": "cancelled"})
                    )
        except Busy:
            self.path(CANCEL).touch()

    def set_waiting(self) -> None:
        """Have the run wait to be worked on again; what is finished stays as it is."""
        with self.locked(SHORT_PATIENCE_S):
            metadata = self._read(PROGRESS, Progress)
            if metadata.state not in ("waiting", "finished"):
                self.path(CANCEL).unlink(missing_ok=True)
                self.write_progress(Progress())

    def put_back(self, before: Progress) -> None:
        """Have the run be as it was before it was set waiting, unless somebody works on it."""
        with suppress(Busy), self.locked(SHORT_PATIENCE_S):
            self.write_progress(before)

    def check_cancelled(self) -> None:
        """Raise where somebody asked the run to stop."""
        if self.path(CANCEL).exists():
            raise Cancelled(f"The run '{self.name}' was cancelled; resume it to go on.")

    def delete(self) -> None:
        """Remove the run with all its files, unless somebody is working on it."""
        with self.locked(SHORT_PATIENCE_S):
            remove_folder(self.folder, MARK)
        sweep(self.folder.parent)

    @contextmanager
    def locked(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Hold the right to work on the run; the system takes it back when its holder dies."""
        busy = f"Another process works on the run '{self.name}'; wait until it ends or cancel it."
        with hold_target(self.folder, busy, patience_s):
            yield

    def write_progress(self, progress: Progress) -> None:
        """Write how far the run is; only the holder of the lock does."""
        metadata = progress.model_copy(update={"updated": now()})
        with atomic_file(self.path(PROGRESS)) as draft:
            draft.write_text(metadata.model_dump_json(indent=2) + "\n")

    def record_stage(self, name: str, stage: StageRecord, facts: Mapping[str, Any]) -> None:
        """Note in the manifest that a stage is finished, and what it found out."""
        manifest = self.manifest
        self._write_manifest(
            manifest.model_copy(
                update={
                    "stages": {**manifest.stages, name: stage},
                    "facts": {**manifest.facts, **facts},
                }
            )
        )

    def forget_stages(self, names: tuple[str, ...]) -> None:
        """Note that these stages are to be done again."""
        manifest = self.manifest
        kept = {name: stage for name, stage in manifest.stages.items() if name not in names}
        self._write_manifest(manifest.model_copy(update={"stages": kept, "versions": versions()}))

    def _write_manifest(self, manifest: Manifest) -> None:
        with atomic_file(self.path(MANIFEST)) as draft:
            draft.write_text(manifest.model_dump_json(indent=2) + "\n")

    def _read(self, name: str, kind: type[Kind]) -> Kind:
        path = self.path(name)
        try:
            return read_json(path, kind)
        except BadInput as error:
            raise BadInput(f"The run '{self.folder}' cannot be read: {error}") from error

    def _crash_reason(self, metadata: Progress) -> str:
        """Say in one sentence what is known of the end of a dead worker."""
        log = self.path(LOG)
        lines = log.read_text(errors="replace").strip().splitlines() if log.is_file() else []
        words = lines[-1].strip()[-LAST_WORDS:].rstrip(".") if lines else ""
        ended = f"Its process ended in the middle of '{metadata.message or metadata.stage}'"
        left = (
            f"its last words: {words}"
            if words
            else "it left no word, as when the system kills it for want of memory"
        )
        return f"{ended}; {left}. Resume the run to go on."


def _content(path: Path) -> str:
    status = path.stat()
    return _hashed(path, (status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=256)
def _hashed(path: Path, stamp: tuple[int, int, int]) -> str:  # noqa: ARG001  part of the key
    return file_sha256(path)


def runs_folder() -> Path:
    """Return where runs are kept: the folder named by NETSPATIAL_RUNS, or `runs` here."""
    return Path(os.environ.get("NETSPATIAL_RUNS", "runs"))


def list_runs(folder: Path | None = None) -> list[Run]:
    """Return the runs of a runs folder, the newest first; what is no run is passed over."""
    folder = folder or runs_folder()
    if not folder.is_dir():
        return []
    found = [
        Run(path)
        for path in folder.iterdir()
        if not path.name.startswith(".") and (path / MANIFEST).is_file()
    ]
    readable = []
    for run in found:
        try:
            readable.append((run.manifest.created, run.name, run))
        except BadInput:
            continue
    return [run for _, _, run in sorted(readable, key=lambda row: row[:2], reverse=True)]


def new_folder(kind: str, about: str, runs: Path | None = None) -> Path:
    """Return a fresh folder below the runs folder, named after its kind, subject and time."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in about.lower()).strip("-")
    moment = now().strftime("%Y%m%d-%H%M%S")
    return (runs or runs_folder()) / f"{kind}-{plain[:40]}-{moment}-{uuid.uuid4().hex[:4]}"
