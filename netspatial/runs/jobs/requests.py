"""Base class of the requests of all kinds of runs, and creation of a run from a request."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import pydantic

from netspatial.checked import problem
from netspatial.errors import BadInput
from netspatial.runs.jobs.run import Run, new_folder


class Request(pydantic.BaseModel):
    """All inputs of a run of one kind.

    kind    : kind of the run
    wrong_kind_message : end of the error message for a run of another kind
    heading : start of the error message for a wrong value
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: ClassVar[str]
    wrong_kind_message: ClassVar[str]
    heading: ClassVar[str] = "In the request"

    @classmethod
    def of(cls, run: Run) -> Self:
        """Return the request of a run; raise BadInput if the run is of another kind."""
        manifest = run.manifest
        if manifest.kind != cls.kind:
            raise BadInput(
                f"The run '{run.name}' is a run of '{manifest.kind}'{cls.wrong_kind_message}."
            )
        return cls.read(manifest.request)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Return a request from outside values; raise BadInput naming the first wrong one."""
        try:
            return cls.model_validate(dict(record))
        except pydantic.ValidationError as error:
            raise BadInput(f"{cls.heading}, {problem(error)}.") from error


def get_or_create(request: Request, city: str, out: str | Path | None, same: str) -> Run:
    """Create the run of a request, or open the one in `out` with the same request.

    A failed run takes another request, so that a wrong value is mended by the same command; the
    finished stages that both share are kept.

    city : the city's folder, after which a new run is named
    out  : the run's folder; by default a new folder below the runs folder
    same : inputs that a resumed run must share, as text for the error message
    """
    record = request.model_dump(mode="json")
    if out is None:
        return Run.create(new_folder(request.kind, Path(city).name), request.kind, record)
    if not (Path(out) / "manifest.json").is_file():
        return Run.create(out, request.kind, record)
    run = Run.open(out)
    if type(request).of(run) == request:
        return run
    if run.progress().state != "failed":
        raise BadInput(
            f"The run in '{out}' has another request; give the same {same} to resume it, or choose "
            "another folder."
        )
    run.take_request(record)
    return run
