"""What-if planning as a run: grid, feasibility, context, traffic, plan and report of an area.

Python code calls `plan_sites`; a worker calls `work_on` with a waiting run.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from netspatial.arrays import Floats32
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.context.context_file import read_context, write_context
from netspatial.context.embed import Context, ContextModel
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.generate.calendar import weeks_from
from netspatial.generate.dependence import load_dependence
from netspatial.generate.generator import Generator
from netspatial.generate.measured import MeasuredCity, hours_from, measure_city
from netspatial.geoparquet import read_places
from netspatial.kriging.joint_posterior import level_scores
from netspatial.kriging.priors import DEFAULT as DEFAULT_PRIORS
from netspatial.kriging.series import MOMENT_SAMPLES
from netspatial.plan.explain.rationale_llm import narrator_files
from netspatial.plan.settings import PlanSettings
from netspatial.plan.statistics import statistics
from netspatial.progress import Progress
from netspatial.runs.jobs.loaded_models import warm_context, warm_generator
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.runs.kinds.ensemble import (
    Correct,
    JointNoise,
    SampleRequest,
    draw_blocks,
    open_ensemble,
    pack,
)
from netspatial.runs.kinds.plan_change import SITE_CHANGE, SITE_TOTALS, write_change
from netspatial.runs.kinds.plan_request import (
    Place,
    PlanRequest,
    judged_cells,
    make_request,
    settings_from,
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
)
from netspatial.runs.kinds.plan_summary import write_plan
from netspatial.runs.tables import describe_cells, provenance, write_table
from netspatial.scenario.changed_city import scenario_notes
from netspatial.scenario.scenario import Scenario

_DEFAULT = PlanRequest(city="", area={})


def plan_sites(
    city: City | str | Path,
    area: Place,
    *,
    sites: int | None = None,
    utility: str | None = None,
    method: str | None = None,
    min_demand: float | None = None,
    spacing_m: float | None = None,
    radius_m: float | None = None,
    risk: Literal["mean"] | float | None = None,
    required: Sequence[str] | None = None,
    excluded: Sequence[str] | None = None,
    settings: PlanSettings | None = None,
    cell_m: float = _DEFAULT.cell_m,
    samples: int = _DEFAULT.samples,
    weeks: int = _DEFAULT.weeks,
    start: str = _DEFAULT.start,
    seed: int = _DEFAULT.seed,
    masks: Sequence[str] = _DEFAULT.masks,
    station_distance_m: float = _DEFAULT.station_distance_m,
    model: str | Path | None = _DEFAULT.model,
    context: str | Path | None = _DEFAULT.context,
    device: str = _DEFAULT.device,
    measured: bool = _DEFAULT.measured,
    scenario: Scenario | str | Path | None = None,
    out: str | Path | None = None,
    progress: Watch = lambda _: None,
) -> PlanRun:
    """Generate the traffic of an area's cells and return ranked and explained sites.

    Parameters
    ----------
    city : City or path
        The city, or its folder.
    area : Area, mapping or path
        An area, its GeoJSON, or a file with it.
    sites, utility, method, min_demand, spacing_m, radius_m, risk, required, excluded
        As in `PlanSettings`; None is the default there.
    settings : PlanSettings, optional
        All settings at once, instead of the arguments above.
    cell_m : float
        Side of a cell, metres.
    samples : int
        Samples of traffic per cell.
    weeks : int
        Whole weeks in each sample.
    start : str
        First local hour.
    seed : int
        Random seed.
    masks : sequence of str
        The feasibility masks in use.
    station_distance_m : float
        Minimum distance of a site to an existing station, metres, for the mask `near_station`.
    model : path, optional
        Folder of a trained generator; the bundled one by default.
    context : path, optional
        Folder of a trained context model; the bundled one by default.
    device : str
        For example ``cpu`` or ``cuda``.
    measured : bool
        Whether the city's measured traffic corrects the generated traffic.
    scenario : Scenario or path, optional
        Changes of the city that the plan assumes, or their file.
    out : path, optional
        The run's folder. An existing run with the same request is resumed or read; by default a
        new folder below the runs folder.
    progress : callable
        Called with the `RunProgress` of the run.

    Returns
    -------
    PlanRun
        The plan; shows itself in a notebook.

    Raises
    ------
    BadInput
        Where an input is not valid, before anything is written.
    MissingPart
        Where the city lacks a part that is needed.

    """
    request = make_request(
        city,
        area,
        settings=settings_from(
            _DEFAULT.settings,
            settings,
            sites=sites,
            utility=utility,
            method=method,
            min_demand=min_demand,
            spacing_m=spacing_m,
            radius_m=radius_m,
            risk=risk,
            required=required,
            excluded=excluded,
        ),
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
        scenario=scenario,
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
        draw = [
            self.generator.fingerprint,
            repr(self.draw),
            self.asked.measured,
            DEFAULT_PRIORS,
            load_dependence().fingerprint,
        ]
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
            Stage(
                "site_change",
                "Comparing before and after",
                None,
                (SITE_CHANGE, SITE_TOTALS),
                self.change,
            ),
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
            "scenario": scenario_notes(self.city),
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
            load_dependence().fingerprint,
        ]
        mark = hashlib.blake2b(json.dumps(made).encode(), digest_size=6).hexdigest()
        part = self.run.path(f".traffic-{mark}.part")
        self._forget_parts(part)
        measured, note = self.measured
        correct = shared = None
        if measured is None:
            self._write_support(self.grid[["cell_id"]])
        else:
            correct = self.corrected(measured, context)
            shared = self.joint(measured, context)
        draw_blocks(
            self.generator,
            context,
            self.draw,
            len(days.times),
            part,
            progress,
            self.grown(correct),
            shared,
        )
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
            # measured before any scenario: fitted on the city as it was, applied as it will be
            as_measured = measure_city(City.open(self.asked.city), self.fusion, self.generator)
            found = replace(as_measured, city=self.city)
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

    def joint(self, measured: MeasuredCity, context: Context) -> JointNoise:
        """Return what neighbouring cells share, from the city's measured stations."""
        places = measured.places(self.grid, context)
        samples = max(self.draw.samples, MOMENT_SAMPLES)
        ids, seed = context.ids.tolist(), self.draw.seed
        return JointNoise(
            measured.dependence, level_scores(measured.fields, places, ids, samples, seed)
        )

    def grown(self, correct: Correct | None) -> Correct | None:
        """Return a correction that also multiplies by the growth of the cells' districts."""
        lonlat = self.grid[["lon", "lat"]].to_numpy(dtype=np.float64)
        factor = self.asked.scenario.demand_factor(lonlat).astype(np.float32)
        if (factor == 1).all():
            return correct

        def grow(x: Floats32, group: slice) -> Floats32:
            known = x[:, : self.asked.samples] if correct is None else correct(x, group)
            return known * factor[group, None, None]

        return grow

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

    def change(self, progress: Progress) -> Mapping[str, Any]:
        progress("", 0.0)
        run = PlanRun(self.run)
        write_change(
            run.change_at(run.sites),
            self.run.path(SITE_CHANGE),
            self.run.path(SITE_TOTALS),
            provenance(self.run.manifest.facts),
        )
        return {}

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
