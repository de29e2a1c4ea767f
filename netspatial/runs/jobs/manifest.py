"""What a run's files say: the manifest of what was asked and done, and how far the work is.

The smallest piece of this room: `run` writes these, every face reads them.
"""

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import pydantic

from netspatial import __version__

State = Literal["waiting", "running", "finished", "failed", "cancelled", "interrupted"]

LIBRARIES = ("numpy", "scipy", "pandas", "xarray", "geopandas", "torch")
"""Whose versions may change a result."""


class _Record(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class StageRecord(_Record):
    """A finished stage.

    key     : changes with all that the stage reads; another key means that it is done again
    outputs : SHA-256 of each file it wrote; None where an older run kept its size alone
    """

    key: str
    seconds: float
    outputs: dict[str, str | None]

    @pydantic.field_validator("outputs", mode="before")
    @classmethod
    def _without_sizes(cls, outputs: Any) -> Any:
        if not isinstance(outputs, dict):
            return outputs
        return {name: None if isinstance(it, int) else it for name, it in outputs.items()}


class Manifest(_Record):
    """What was asked, with what it was answered, and what each stage took.

    request : all inputs of the run; the same request gives the same bytes
    facts   : what the stages found out: city, models with their hashes, provenance, licences,
              attribution, units
    """

    format: Literal[1] = 1
    kind: str
    name: str
    created: datetime
    request: dict[str, Any]
    versions: dict[str, str]
    facts: dict[str, Any] = {}
    stages: dict[str, StageRecord] = {}


class Progress(_Record):
    """How far a run is.

    number, of  : which stage, counted from one, and how many there are
    done, total : within the stage, in its own things (cells, files)
    error       : one sentence, where the state is failed or interrupted
    """

    state: State = "waiting"
    stage: str = ""
    message: str = ""
    number: int = 0
    of: int = 0
    done: int = 0
    total: int = 0
    error: str | None = None
    pid: int | None = None
    started: datetime | None = None
    updated: datetime | None = None

    @property
    def share(self) -> float:
        """How much of the whole is done, 0 to 1, every stage counting alike."""
        if self.state == "finished":
            return 1.0
        within = self.done / self.total if self.total else 0.0
        return (max(self.number - 1, 0) + min(within, 1.0)) / self.of if self.of else 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state not in ("waiting", "running")


def versions() -> dict[str, str]:
    """Return the versions of NetSpatial and of the libraries behind its numbers."""
    found = {"netspatial": __version__}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "absent"
    return found


def now() -> datetime:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
