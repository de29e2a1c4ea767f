"""From an ensemble of traffic to ranked, explained sites: the what-if in one call.

The end of the plan's road. Re-ranking is cheap: give the statistics of the traffic instead of the
traffic, and only utility, floor and siting are worked out again.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import xarray as xr

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.plan.candidates import check_cells, check_floor, competing
from netspatial.plan.catchment import catchment
from netspatial.plan.demand_floor import DemandFloor, demand_floor
from netspatial.plan.explain.explain import Surroundings, explained, gather
from netspatial.plan.explain.rationale_llm import Narrator, narrator_named
from netspatial.plan.explain.selection_share import summarised, times_chosen
from netspatial.plan.explain.site_facts import Facts
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import Choice, Problem, Rule, rule_named
from netspatial.plan.statistics import statistics
from netspatial.plan.tables import cell_table, site_table
from netspatial.plan.utilities import Utility, UtilityInputs, scored, utility_named


@dataclass(frozen=True)
class Plan:
    """Ranked sites with their reasons, over all cells that were judged.

    cells    : all cells as given, with demand_ and utility_ columns (mean, p10, p50, p90 over the
               futures), guard (passes, below floor, must, forbidden, not feasible), utility_rank
               (by the utility alone, among those that pass), rank (order of being chosen, NA where
               not chosen) and chosen_in (in how many futures)
    sites    : the chosen cells in order of rank, with facts as columns, `rationale` and who
               worded it
    facts    : the same facts as objects, in order of rank
    demand_floor    : what the floor on demand was and what it removed
    notes    : sentences on what else there is to know, such as a search that stopped early
    utility  : what the utility means; `unit` and `demand_unit` are those of the columns
    futures  : how many samples the ensemble has
    """

    cells: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    facts: tuple[Facts, ...]
    demand_floor: DemandFloor
    notes: tuple[str, ...]
    settings: PlanSettings
    utility: Utility
    unit: str
    demand_unit: str
    futures: int


def make_plan(
    cells: gpd.GeoDataFrame,
    traffic: xr.DataArray | xr.Dataset,
    settings: PlanSettings | None = None,
    surroundings: Surroundings | None = None,
    *,
    utility: Utility | None = None,
    narrator: Narrator | None = None,
) -> Plan:
    """Choose and explain sites among cells.

    cells    : as `netspatial.feasibility.feasibility` returns them, in a metric CRS
    traffic  : the ensemble (cell, sample, time), or what `statistics` made of it
    utility  : one of your own (see `own_utility`), instead of the one that the settings name
    narrator : a language model as a function from prompt to text, instead of the one that the
               settings name
    """
    settings = settings or PlanSettings()
    around = surroundings or Surroundings()
    rule = rule_named(settings.rule)
    used = utility or utility_named(settings)
    narrator = narrator or narrator_named(settings.explain)
    check_cells(cells)
    order = np.argsort(cells["cell_id"].to_numpy().astype(str), kind="stable")
    sorted_cells = cells.iloc[order]
    must, candidates = competing(sorted_cells, settings)
    inputs = _evidence(sorted_cells, traffic, settings, around)

    score = scored(used, inputs)
    signed = score if used.better == "higher" else -score
    decision = summarised(signed, settings.risk)
    demand = inputs.of("mean")
    floor = demand_floor(demand.mean(axis=1), decision, candidates, settings.floor, settings.k,
                  guarded=used.guarded, unit=inputs.units)  # fmt: skip
    check_floor(settings, floor, must)
    coverage_weight = _worth(used, inputs, score, floor, rule)
    problem = Problem(
        score=decision,
        coverage_weight=summarised(coverage_weight, settings.risk),
        candidates=floor.passes,
        must=must,
        k=settings.k,
        spacing_m=settings.spacing_m,
        catchment=inputs.catchment,
        time_limit_s=settings.time_limit_s,
    )
    choice = rule.choose(problem)
    chosen_in = times_chosen(problem, signed, coverage_weight, rule)
    table = cell_table(sorted_cells, demand, score, decision, floor, choice, chosen_in, must,
                       settings.forbidden)  # fmt: skip
    runner_up = rule.runner_up(problem, choice.sites)
    facts = gather(table, inputs, score, used, around, floor, choice, runner_up, chosen_in,
                   covers=rule.covers)  # fmt: skip
    texts, worded_by = explained(facts, narrator)
    return Plan(
        cells=table.iloc[np.argsort(order)],
        sites=site_table(table, choice, facts, texts, worded_by),
        facts=tuple(facts),
        demand_floor=floor,
        notes=(
            *choice.notes,
            *_notes(sorted_cells, around, choice, rule),
            *_on_wording(narrator, worded_by),
        ),
        settings=settings,
        utility=used,
        unit=used.unit(inputs.units),
        demand_unit=inputs.units,
        futures=score.shape[1],
    )


def _evidence(
    cells: gpd.GeoDataFrame,
    traffic: xr.DataArray | xr.Dataset,
    settings: PlanSettings,
    around: Surroundings,
) -> UtilityInputs:
    """Bring the traffic into the order of the cells."""
    ids = cells["cell_id"].to_numpy().astype(str)
    given = traffic["cell"].to_numpy().astype(str)
    rank = np.argsort(given, kind="stable")
    at = rank[np.minimum(np.searchsorted(given, ids, sorter=rank), len(given) - 1)]
    absent = np.flatnonzero(given[at] != ids)
    if len(absent):
        raise BadInput(
            f"The traffic lacks {len(absent)} of {len(ids)} cells, the first '{ids[absent[0]]}'; "
            "generate it for the same cells."
        )
    ordered = traffic.isel(cell=at)
    return UtilityInputs(
        statistics=ordered if isinstance(ordered, xr.Dataset) else statistics(ordered),
        catchment=catchment(cells, around.stations, settings),
        settings=settings,
        traffic=ordered if isinstance(ordered, xr.DataArray) else None,
    )


def _worth(
    utility: Utility, inputs: UtilityInputs, score: Floats, demand_floor: DemandFloor, rule: Rule
) -> Floats:
    """What a coverage rule wins by serving each cell, (cell, sample): a cell's part of its score.

    A guarded utility is worth nothing below the floor: there it rewards smallness.
    """
    if not rule.covers:
        return np.zeros_like(score)
    if utility.coverage_weight is not None:
        return utility.coverage_weight(inputs)
    if utility.better == "lower" or (score < 0).any():
        raise BadInput(
            f"The utility '{utility.title}' cannot be covered: coverage adds up what is zero or "
            "more and better when higher; use the rule 'top-k' or 'exclusion'."
        )
    coverage_weight = score * inputs.catchment.per_cell[:, None]
    if utility.guarded:
        coverage_weight = np.where(
            (inputs.of("mean").mean(axis=1) >= demand_floor.floor)[:, None], coverage_weight, 0.0
        )
    return np.asarray(coverage_weight)


def _notes(cells: gpd.GeoDataFrame, around: Surroundings, choice: Choice, rule: Rule) -> list[str]:
    """Return what a planner should know about the data behind this plan."""
    notes = []
    unknown = cells.loc[cells["feasible"] == "unknown", "reason"]
    if len(unknown):
        notes.append(
            f"Whether a site may stand there is unknown for {len(unknown)} of {len(cells)} cells "
            f"({', '.join(sorted(set(unknown.astype(str))))}); they compete all the same."
        )
    if around.stations is None:
        notes.append("Existing stations are not known, so all demand counts as unserved.")
    idle = int((choice.gains <= 0).sum()) if rule.covers else 0
    if idle:
        notes.append(f"{idle} of the chosen sites add nothing to what is already served.")
    if rule.exact:
        notes.append("In each single future, sites are picked by greedy coverage, not exactly.")
    return notes


def _on_wording(narrator: Narrator | None, worded_by: list[str]) -> list[str]:
    by_rules = worded_by.count("rules")
    if narrator is None or not by_rules:
        return []
    metadata = (
        f"For {by_rules} of {len(worded_by)} sites the language model's text was empty or named a "
        "number that is not among the facts; there the reason is composed by rules."
    )
    return [metadata]
