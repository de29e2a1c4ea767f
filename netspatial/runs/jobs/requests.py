"""What every kind of run is asked: checked when read, and asked for in a folder of its own.

A kind's request adds its inputs; what is shared is how a request is read back from a run's manifest
and how a run is made of it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import pydantic

from netspatial.checked import problem
from netspatial.errors import BadInput
from netspatial.runs.jobs.run import Run, new_folder


class Request(pydantic.BaseModel):
    """All inputs of a run of one kind.

    kind    : of the runs that are asked so
    wrong_kind_message  : what is said of a run of another kind, after its kind is named
    heading : where a wrong value stands, in words
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: ClassVar[str]
    wrong_kind_message: ClassVar[str]
    heading: ClassVar[str] = "In the request"

    @classmethod
    def of(cls, run: Run) -> Self:
        """Read what a run was asked; raise where it is of another kind."""
        manifest = run.manifest
        if manifest.kind != cls.kind:
            raise BadInput(
                f"The run '{run.name}' is a run of '{manifest.kind}'{cls.wrong_kind_message}."
            )
        return cls.read(manifest.request)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Check values from outside, with one sentence where one is wrong."""
        try:
            return cls.model_validate(dict(record))
        except pydantic.ValidationError as error:
            raise BadInput(f"{cls.heading}, {problem(error)}.") from error


def get_or_create(request: Request, city: str, out: str | Path | None, same: str) -> Run:
    """Create the run of a request, or open the one in `out` that was asked the same.

    city : the city's folder, after which a fresh run is named
    out  : the run's folder; without one, a fresh folder below the runs folder
    same : what a run that is to be resumed must share, in words
    """
    record = request.model_dump(mode="json")
    if out is None:
        return Run.create(new_folder(request.kind, Path(city).name), request.kind, record)
    if not (Path(out) / "manifest.json").is_file():
        return Run.create(out, request.kind, record)
    run = Run.open(out)
    if type(request).of(run) != request:
        raise BadInput(
            f"The run in '{out}' was asked something else; give the same {same} to resume it, or "
            "choose another folder."
        )
    return run
