"""The records in a run's files: the manifest with request and facts, and the progress."""

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import pydantic

from netspatial import __version__

State = Literal["waiting", "running", "finished", "failed", "cancelled", "interrupted"]

LIBRARIES = ("numpy", "scipy", "pandas", "xarray", "geopandas", "torch")
"""Libraries whose versions may change a result."""


class _Record(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class StageRecord(_Record):
    """A finished stage.

    key     : hash of the stage's inputs; a stage with another key is run again
    outputs : SHA-256 of each file it wrote; None in older runs, which stored the size
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
    """The request of a run, its facts and its finished stages.

    request : all inputs of the run; the same request gives the same bytes
    facts   : results of the stages: city, models with their hashes, provenance, licences,
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


class RunProgress(_Record):
    """The progress of a run.

    number, of  : current stage, counted from one, and number of stages
    detail      : what the stage is doing, for example "64 of 900 cells"
    stage_share : share of the stage that is done, 0 to 1
    error       : one sentence if the state is failed or interrupted
    """

    state: State = "waiting"
    stage: str = ""
    message: str = ""
    number: int = 0
    of: int = 0
    detail: str = ""
    stage_share: float = 0.0
    error: str | None = None
    pid: int | None = None
    started: datetime | None = None
    updated: datetime | None = None

    @property
    def share(self) -> float:
        """Share of the run that is done, 0 to 1; every stage counts equally."""
        if self.state == "finished":
            return 1.0
        return (max(self.number - 1, 0) + min(self.stage_share, 1.0)) / self.of if self.of else 0.0

    @property
    def over(self) -> bool:
        """Whether the run is neither waiting nor running."""
        return self.state not in ("waiting", "running")


def versions() -> dict[str, str]:
    """Return the versions of NetSpatial and of its numerical libraries."""
    found = {"netspatial": __version__}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "absent"
    return found


def now() -> datetime:
    """Return the current time, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
