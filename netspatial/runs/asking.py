"""Asking for a run in a folder: a new one, or the one that was asked the same before.

What `netspatial plan` and `netspatial operate` share; their requests say what can be asked.
"""

from pathlib import Path
from typing import Any, Protocol, Self

from netspatial.errors import BadInput
from netspatial.runs.run import Run, new_folder


class Request(Protocol):
    """All inputs of a run of one kind."""

    @property
    def city(self) -> str:
        """The city's folder."""

    @classmethod
    def of(cls, run: Run) -> Self:
        """Read what a run was asked; raise where it is of another kind."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """Return the request for JSON."""


def new_or_same(kind: str, request: Request, out: str | Path | None, same: str) -> Run:
    """Create the run of a request, or open the one in `out` that was asked the same.

    out  : the run's folder; without one, a fresh folder below the runs folder
    same : what a run that is to be resumed must share, in words
    """
    record = request.model_dump(mode="json")
    if out is None:
        return Run.create(new_folder(kind, Path(request.city).name), kind, record)
    if not (Path(out) / "manifest.json").is_file():
        return Run.create(out, kind, record)
    run = Run.open(out)
    if type(request).of(run) != request:
        raise BadInput(
            f"The run in '{out}' was asked something else; give the same {same} to resume it, or "
            "choose another folder."
        )
    return run
