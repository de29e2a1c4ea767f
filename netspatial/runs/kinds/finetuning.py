"""Fine-tuning of the generator on a city as a run; its folder `model/` is an input of `--model`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pydantic

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.errors import BadInput
from netspatial.progress import Progress, count
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import MANIFEST, Run, new_folder
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.weights import FILES

KIND = "finetune"
MODEL = "model"
OUTPUTS = tuple(f"{MODEL}/{name}" for name in FILES)
FEWEST_STATIONS = 20
"""With fewer, none could be held out."""


class FinetuneRequest(Request):
    """The city's folder and service, maximum steps, seed, and the model to start from.

    model : folder; None is the bundled one
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it trains none"

    city: str
    service: str = "total"
    steps: int = pydantic.Field(default=1000, ge=1)
    seed: int = 0
    model: str | None = None


def submit(
    city: City,
    service: str = "total",
    steps: int = 1000,
    seed: int = 0,
    model: Path | None = None,
    runs: Path | None = None,
) -> Run:
    """Check what is asked and create the run, in the folder `runs` or the usual one."""
    stations = city.measured(service).sizes["station"]
    _ = city.path("stations")
    if stations < FEWEST_STATIONS:
        raise BadInput(
            f"'{city.name}' has traffic of {stations} stations; fine-tuning needs at least "
            f"{FEWEST_STATIONS}."
        )
    request = FinetuneRequest(
        city=str(city.folder.resolve()),
        service=service,
        steps=steps,
        seed=seed,
        model=None if model is None else str(model.resolve()),
    )
    folder = new_folder(KIND, city.folder.name, runs)
    return Run.create(folder, KIND, request.model_dump(mode="json"))


def finished_models(folder: Path) -> list[Run]:
    """Return the finished fine-tuning runs of a folder, the newest first."""
    written = {path.parents[1].name for path in folder.glob(f"*/{OUTPUTS[0]}")}
    found = [Run(folder / name) for name in written if (folder / name / MANIFEST).is_file()]
    made = [
        (run.manifest.created, run.name, run)
        for run in found
        if run.manifest.kind == KIND and all(run.path(name).is_file() for name in OUTPUTS)
    ]
    return [run for _, _, run in sorted(made, key=lambda row: row[:2], reverse=True)]


def model_of(run: Run) -> Path:
    """Return the folder of the fine-tuned model of a run."""
    return run.path(MODEL)


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Run what is left of a fine-tuning in this process; training resumes from its checkpoint."""
    from netspatial.context.embed import DEFAULT as DEFAULT_CONTEXT  # noqa: PLC0415
    from netspatial.generate.city_data import read_cities  # noqa: PLC0415  torch is heavy
    from netspatial.generate.generator import DEFAULT as DEFAULT_GENERATOR  # noqa: PLC0415
    from netspatial.generate.pipelines import finetune  # noqa: PLC0415
    from netspatial.runs.jobs.loaded_models import warm_context, warm_generator  # noqa: PLC0415

    asked = FinetuneRequest.of(run)

    def train(progress: Progress) -> Mapping[str, Any]:
        progress("", 0.0)
        city = City.open(asked.city)
        examples = read_cities([city], warm_context(None), asked.service)
        progress("", 0.0)
        made = finetune(
            run.path(MODEL),
            warm_generator(asked.model),
            examples,
            steps=asked.steps,
            seed=asked.seed,
            validate_every=min(100, asked.steps),
            on_progress=lambda at: count(progress, at.step, at.steps, "steps"),
        )
        record = city.record
        return {
            "city": {"name": record.name, "provenance": record.provenance},
            "fingerprint": made.fingerprint,
            "scores": dict(made.facts.scores),
            "notes": list(made.facts.notes),
        }

    def stages() -> list[Stage]:
        base = DEFAULT_GENERATOR if asked.model is None else Path(asked.model)
        city = city_fingerprint(City.open(asked.city))
        reads = [asked.model_dump(mode="json"), city, base, DEFAULT_CONTEXT]
        return [Stage("finetune", "Fine-tuning on the city", reads, OUTPUTS, train)]

    run_stages(run, stages, watch)
