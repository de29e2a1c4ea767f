"""`Run`: the folder of a run with manifest, progress and lock; its state survives crashes.

The process that executes a run holds its lock; others read it and may request cancellation.
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
from netspatial.runs.jobs.manifest import Manifest, RunProgress, StageRecord, now, versions
from netspatial.runs.jobs.resource_needs import needs_of

MANIFEST = "manifest.json"
PROGRESS = "progress.json"
CANCEL = "cancel"
MARK = Mark(MANIFEST, ("kind", "created", "request", "versions"))
"""Identifies the folder of a run."""
LOG = "worker.log"
"""Standard error of the worker process during this run."""

PATIENCE_S, SHORT_PATIENCE_S = 1.0, 0.1
"""Times to wait for the lock, s: of a worker, and of cancelling or deleting."""
LAST_WORDS = 300
"""Characters of a dead worker's log that are reported."""

Kind = TypeVar("Kind", bound=pydantic.BaseModel)


class Cancelled(NetSpatialError):
    """The run was cancelled."""


@dataclass(frozen=True)
class Run:
    """The folder of a run."""

    folder: Path

    @classmethod
    def create(cls, folder: str | Path, kind: str, request: Mapping[str, Any]) -> "Run":
        """Create a waiting run; raise BadInput if this machine is too small for it.

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
                raise BadInput(f"There is already a run in '{target}'; choose another folder.")
            (draft / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
            (draft / PROGRESS).write_text(
                RunProgress(updated=now()).model_dump_json(indent=2) + "\n"
            )
        return cls(target)

    @classmethod
    def open(cls, folder: str | Path) -> "Run":
        """Open the folder of a run in any state."""
        run = cls(Path(folder))
        try:
            there = (run.folder / MANIFEST).is_file()
        except (OSError, ValueError) as error:  # too long a name, or no name at all
            raise BadInput(f"The name '{folder}' is none of a run: {reason(error)}.") from error
        if not there:
            what = (
                "is not a run: it has no manifest.json" if run.folder.is_dir() else "does not exist"
            )
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
        """Raise MissingPart unless a result file exists; `what` names it, such as "plan"."""
        if not self.path(name).is_file():
            raise MissingPart(
                f"The run '{self.name}' has no {what} yet, it is {self.progress().state}; wait "
                "until it finishes, or resume it with `netspatial runs resume`."
            )

    @property
    def manifest(self) -> Manifest:
        """The manifest, read from disk."""
        return self._read(MANIFEST, Manifest)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    def path(self, name: str) -> Path:
        """Return the path of a file of the run."""
        return self.folder / name

    def progress(self) -> RunProgress:
        """Return the progress; a run whose worker died is interrupted, with the reason."""
        progress = self._read(PROGRESS, RunProgress)
        if progress.state != "running" or is_target_held(self.folder):
            return progress
        # the run may have finished between reading its progress and checking its lock
        progress = self._read(PROGRESS, RunProgress)
        if progress.state != "running":
            return progress
        return progress.model_copy(
            update={"state": "interrupted", "error": self._crash_reason(progress)}
        )

    def cancel(self) -> None:
        """Cancel the run: at once if it is waiting, else at its next progress report."""
        try:
            with self.locked(SHORT_PATIENCE_S):
                if not self._read(PROGRESS, RunProgress).over:
                    self.write_progress(
                        self._read(PROGRESS, RunProgress).model_copy(update={"state": "cancelled"})
                    )
        except Busy:
            self.path(CANCEL).touch()

    def set_waiting(self) -> None:
        """Set the run to waiting again; finished stages are kept."""
        with self.locked(SHORT_PATIENCE_S):
            progress = self._read(PROGRESS, RunProgress)
            if progress.state not in ("waiting", "finished"):
                self.path(CANCEL).unlink(missing_ok=True)
                self.write_progress(RunProgress())

    def take_request(self, request: Mapping[str, Any]) -> None:
        """Give a failed run another request; raise BadInput if this machine is too small for it."""
        needs_of(self.manifest.kind, request).check_machine(self.folder.resolve())
        with self.locked(SHORT_PATIENCE_S):
            update = {"request": dict(request)}
            self._write_manifest(self.manifest.model_copy(update=update))

    def put_back(self, before: RunProgress) -> None:
        """Restore the progress before `set_waiting`, unless the run is being executed."""
        with suppress(Busy), self.locked(SHORT_PATIENCE_S):
            self.write_progress(before)

    def check_cancelled(self) -> None:
        """Raise Cancelled if cancellation was requested."""
        if self.path(CANCEL).exists():
            raise Cancelled(f"The run '{self.name}' was cancelled; resume it to continue.")

    def delete(self) -> None:
        """Remove the run with all its files, unless it is being executed."""
        with self.locked(SHORT_PATIENCE_S):
            remove_folder(self.folder, MARK)
        sweep(self.folder.parent)

    @contextmanager
    def locked(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Hold the lock of the run; the system releases it when the holder dies."""
        busy = f"Another process executes the run '{self.name}'; wait for it or cancel it."
        with hold_target(self.folder, busy, patience_s):
            yield

    def write_progress(self, progress: RunProgress) -> None:
        """Write the progress; the caller must hold the lock."""
        updated = progress.model_copy(update={"updated": now()})
        with atomic_file(self.path(PROGRESS)) as draft:
            draft.write_text(updated.model_dump_json(indent=2) + "\n")

    def record_stage(self, name: str, stage: StageRecord, facts: Mapping[str, Any]) -> None:
        """Record a finished stage and its facts in the manifest."""
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
        """Remove stages that must run again from the manifest."""
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

    def _crash_reason(self, progress: RunProgress) -> str:
        """Return a sentence on the end of a dead worker, with the last line of its log."""
        log = self.path(LOG)
        lines = log.read_text(errors="replace").strip().splitlines() if log.is_file() else []
        words = lines[-1].strip()[-LAST_WORDS:].rstrip(".") if lines else ""
        stopped = f"The process stopped during '{progress.message or progress.stage}'"
        why = (
            f"with the last message: {words}"
            if words
            else "without an error message, possibly because the system ran out of memory"
        )
        return f"{stopped} {why}. Resume the run to continue."


def _content(path: Path) -> str:
    status = path.stat()
    return _hashed(path, (status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=256)
def _hashed(path: Path, stamp: tuple[int, int, int]) -> str:  # noqa: ARG001  part of the key
    return file_sha256(path)


def runs_folder() -> Path:
    """Return the runs folder: NETSPATIAL_RUNS, or `runs` in the working folder."""
    return Path(os.environ.get("NETSPATIAL_RUNS", "runs"))


def list_runs(folder: Path | None = None) -> list[Run]:
    """Return the runs of a runs folder, the newest first; other folders are skipped."""
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
    """Return a new folder below the runs folder, named after kind, subject and time."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in about.lower()).strip("-")
    moment = now().strftime("%Y%m%d-%H%M%S")
    return (runs or runs_folder()) / f"{kind}-{plain[:40]}-{moment}-{uuid.uuid4().hex[:4]}"
