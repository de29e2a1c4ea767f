"""What-if planning as a run: grid, feasibility, context, traffic, plan and report of an area.

Python code calls `plan_sites`; a worker calls `work_on` with a waiting run.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from netspatial.arrays import Floats32
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.context.context_file import read_context, write_context
from netspatial.context.embed import Context, ContextModel
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.feasibility import MASKS
from netspatial.generate.calendar import DEFAULT_START, weeks_from
from netspatial.generate.generator import Generator
from netspatial.generate.measured import MeasuredCity, hours_from, measure_city
from netspatial.geoparquet import read_places
from netspatial.kriging.priors import DEFAULT as DEFAULT_PRIORS
from netspatial.plan.explain.rationale_llm import narrator_files
from netspatial.plan.settings import PlanSettings
from netspatial.plan.statistics import statistics
from netspatial.progress import Progress
from netspatial.runs.jobs.loaded_models import warm_context, warm_generator
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.runs.kinds.ensemble import Correct, SampleRequest, draw_blocks, open_ensemble, pack
from netspatial.runs.kinds.plan_request import (
    Place,
    PlanRequest,
    judged_cells,
    make_request,
    submit,
)
from netspatial.runs.kinds.plan_result import (
    CELLS,
    CONTEXT,
    GRID,
    PLACES,
    PLAN,
    REPORT,
    SITES,
    STATISTICS,
    SUPPORT,
    TRAFFIC,
    PlanRun,
    write_plan,
)
from netspatial.runs.tables import describe_cells, provenance, write_table


def plan_sites(
    city: City | str | Path,
    area: Place,
    *,
    cell_m: float = 100.0,
    samples: int = 16,
    weeks: int = 4,
    start: str = DEFAULT_START,
    seed: int = 0,
    settings: PlanSettings | None = None,
    masks: Sequence[str] = tuple(MASKS),
    station_distance_m: float = 200.0,
    model: str | Path | None = None,
    context: str | Path | None = None,
    device: str = "cpu",
    measured: bool = True,
    out: str | Path | None = None,
    progress: Watch = lambda _: None,
) -> PlanRun:
    """Generate the traffic of an area's cells and return ranked and explained sites.

    area  : an `Area`, GeoJSON, or a file
    masks : the feasibility masks in use; `station_distance_m` belongs to `near_station`
    model, context : folders of trained models; the bundled ones by default
    measured : whether the city's measured traffic corrects the generated traffic
    out   : the run's folder. An existing run with the same request is resumed or read; by default
            a new folder below the runs folder
    progress : called with the `RunProgress` of the run
    """
    request = make_request(
        city,
        area,
        settings=settings,
        model=model,
        context=context,
        masks=masks,
        cell_m=cell_m,
        samples=samples,
        weeks=weeks,
        start=start,
        seed=seed,
        station_distance_m=station_distance_m,
        device=device,
        measured=measured,
    )
    run = submit(request, out)
    work_on(run, progress)
    return PlanRun.open(run.folder)


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Run the unfinished stages of a planning run in this process."""
    run_stages(run, lambda: _Work(run, PlanRequest.of(run)).stages(), watch)


@dataclass(frozen=True)
class _Work:
    """The stages of one run; each reads the files of the earlier ones."""

    run: Run
    asked: PlanRequest

    @cached_property
    def city(self) -> City:
        return self.asked.open_city()

    @cached_property
    def fusion(self) -> ContextModel:
        return warm_context(self.asked.context)

    @cached_property
    def generator(self) -> Generator:
        return warm_generator(self.asked.model, self.asked.device)

    @property
    def place(self) -> dict[str, Any]:
        return self.asked.model_dump(
            mode="json", include={"area", "cell_m", "masks", "station_distance_m"}
        )

    @property
    def draw(self) -> SampleRequest:
        asked, zone = self.asked, self.city.record.timezone
        return SampleRequest(asked.samples, asked.seed, asked.weeks, asked.start, zone)

    def stages(self) -> list[Stage]:
        settings = self.asked.settings
        worded = [settings.model_dump(mode="json"), narrator_files(settings.explain)]
        draw = [self.generator.fingerprint, repr(self.draw), self.asked.measured, DEFAULT_PRIORS]
        place = [self.place, city_fingerprint(self.city)]
        return [
            Stage("cells", "Creating the grid cells", place, (GRID,), self.cells),
            Stage(
                "context",
                "Embedding the surroundings",
                self.fusion.fingerprint,
                (CONTEXT, PLACES),
                self.embed,
            ),
            Stage("traffic", "Generating traffic", draw, (TRAFFIC, SUPPORT), self.generate),
            Stage("statistics", "Summarising the traffic", None, (STATISTICS,), self.summarise),
            Stage("plan", "Ranking sites", worded, (CELLS, SITES, PLAN), self.plan),
            Stage("report", "Writing the report", self.run.name, (REPORT,), self.report),
        ]

    def cells(self, progress: Progress) -> Mapping[str, Any]:
        progress("", 0.0)
        cells = judged_cells(self.asked)
        with atomic_file(self.run.path(GRID)) as draft:
            cells.to_parquet(draft, index=False)
        progress("", 1.0)
        record = self.city.record
        return {
            "city": {"name": record.name, "provenance": record.provenance, "seed": record.seed},
            "attribution": list(record.attribution),
            "licences": dict(record.licences),
            "cells": len(cells),
            "feasible": {str(k): int(n) for k, n in cells["feasible"].value_counts().items()},
        }

    def embed(self, progress: Progress) -> Mapping[str, Any]:
        embedded = self.fusion.embed(self.city, self.grid, progress)
        city = self.city.record
        write_context(embedded, self.run.path(CONTEXT), city.name, city.provenance)
        places = describe_cells(self.grid, embedded, self.city)
        with atomic_file(self.run.path(PLACES)) as draft:
            places.to_parquet(draft, index=False)
        encoders = self.fusion.weights.config["encoders"]
        return {"context": {"fingerprint": self.fusion.fingerprint, "encoders": encoders}}

    def generate(self, progress: Progress) -> Mapping[str, Any]:
        context = read_context(self.run.path(CONTEXT))
        asked, zone = self.asked, self.city.record.timezone
        days = weeks_from(asked.start, asked.weeks, zone)
        facts = self.generator.facts
        made = [
            city_fingerprint(self.city),
            context.fingerprint,
            self.generator.fingerprint,
            str(asked.measured),
        ]
        mark = hashlib.blake2b(json.dumps(made).encode(), digest_size=6).hexdigest()
        part = self.run.path(f".traffic-{mark}.part")
        self._forget_parts(part)
        measured, note = self.measured
        correct = None if measured is None else self.corrected(measured, context)
        if measured is None:
            self._write_support(self.grid[["cell_id"]])
        draw_blocks(self.generator, context, self.draw, len(days.times), part, progress, correct)
        unit = facts.unit if measured is None else measured.unit
        attrs = {
            "units": unit,
            "timezone": zone,
            "provenance": "generated",
            "trained_on": facts.trained_on,
            "model": self.generator.model.preset.name,
            "model_fingerprint": self.generator.fingerprint,
            "context_fingerprint": context.fingerprint,
            "seed": asked.seed,
            "attribution": "; ".join(self.city.record.attribution),
            "city": self.city.name,
        }
        pack(part, self.run.path(TRAFFIC), self.grid[["cell_id", "lon", "lat"]], days, attrs)
        return {
            "generator": {
                "fingerprint": self.generator.fingerprint,
                "name": self.generator.model.preset.name,
                "trained_on": facts.trained_on,
                "licences": list(facts.licences),
            },
            "provenance": "generated",
            "seed": asked.seed,
            "units": unit,
            "measured": {
                "stations": 0 if measured is None else len(measured.stations),
                "note": note,
            },
            "timezone": zone,
            "first_hour": f"{days.times[0].isoformat()}Z",
            "hours": len(days.times),
        }

    @cached_property
    def measured(self) -> tuple[MeasuredCity | None, str]:
        """The city's measured stations, None where they are not used, and a sentence on that."""
        if not self.asked.measured:
            return None, "The city's measured traffic is ignored, as requested."
        if not (self.city.has("stations") and self.city.has("traffic")):
            return None, "The city has no measured traffic; the model alone is used."
        try:
            found = measure_city(self.city, self.fusion, self.generator)
        except BadInput as error:
            return None, f"The model alone is used: {error}"
        count = len(found.stations)
        said = [f"{count} measured stations are used.", *found.stations.notes]
        return found, " ".join(said)

    def corrected(self, measured: MeasuredCity, context: Context) -> Correct:
        """Return the correction of a group of cells, and write what the estimates rest on."""
        places = measured.places(self.grid, context)
        hours = hours_from(self.draw.start, self.draw.weeks, self.draw.timezone)

        correction = measured.fields.at(places)
        self._write_support(measured.support(self.grid, places, correction))

        def correct(x: Floats32, group: slice) -> Floats32:
            some = places.take(group), correction.take(group)
            return measured.correct(x, hours, *some, self.draw.samples)

        return correct

    def _write_support(self, support: pd.DataFrame) -> None:
        with atomic_file(self.run.path(SUPPORT)) as draft:
            pd.DataFrame(support).to_parquet(draft, index=False)

    def summarise(self, progress: Progress) -> Mapping[str, Any]:
        self._forget_parts()
        progress("", 0.0)
        with open_ensemble(self.run.path(TRAFFIC)) as traffic:
            summary = statistics(traffic, self.city.record.timezone)
        with atomic_file(self.run.path(STATISTICS)) as draft:
            draft.write_bytes(summary.to_netcdf(engine="h5netcdf"))
        return {}

    def plan(self, progress: Progress) -> Mapping[str, Any]:
        progress("", 0.0)
        plan = PlanRun(self.run).replan(self.asked.settings)
        metadata = provenance(self.run.manifest.facts)
        write_table(plan.cells, self.run.path(CELLS), metadata)
        write_table(plan.sites, self.run.path(SITES), metadata)
        write_plan(plan, self.run.path(PLAN))
        return {"sites": len(plan.sites)}

    def report(self, progress: Progress) -> Mapping[str, Any]:
        from netspatial.runs.report import write_report  # noqa: PLC0415  needs a planned run

        progress("", 0.0)
        write_report(PlanRun(self.run), self.run.path(REPORT))
        return {}

    @cached_property
    def grid(self) -> gpd.GeoDataFrame:
        return read_places(self.run.made(GRID, "grid"))

    def _forget_parts(self, besides: Path | None = None) -> None:
        for path in self.run.folder.glob(".traffic-*.part"):
            if path != besides:
                path.unlink()
