"""From an ensemble of traffic to ranked, explained sites: the what-if in one call.

The end of the plan's road. Re-ranking is cheap: give the statistics of the traffic instead of the
traffic, and only utility, floor and siting are worked out again.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from netspatial.errors import BadInput
from netspatial.plan.candidates import check_cells, check_floor, competing
from netspatial.plan.catchment import catchment
from netspatial.plan.facts import Facts
from netspatial.plan.guard import Guard, guard
from netspatial.plan.rationale_llm import Narrator, narrator_named
from netspatial.plan.reasons import Surroundings, explained, gather
from netspatial.plan.robustness import summarised, times_chosen
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import Choice, Problem, Rule, rule_named
from netspatial.plan.statistics import statistics
from netspatial.plan.tables import cell_table, site_table
from netspatial.plan.utilities import Evidence, Utility, scored, utility_named

Floats = NDArray[np.float64]


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
    guard    : what the floor on demand was and what it removed
    notes    : sentences on what else there is to know, such as a search that stopped early
    utility  : what the utility means; `unit` and `demand_unit` are those of the columns
    futures  : how many samples the ensemble has
    """

    cells: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    facts: tuple[Facts, ...]
    guard: Guard
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
    evidence = _evidence(sorted_cells, traffic, settings, around)

    score = scored(used, evidence)
    signed = score if used.better == "higher" else -score
    decision = summarised(signed, settings.risk)
    demand = evidence.of("mean")
    floor = guard(demand.mean(axis=1), decision, candidates, settings.floor, settings.k,
                  guarded=used.guarded, unit=evidence.units)  # fmt: skip
    check_floor(settings, floor, must)
    worth = _worth(used, evidence, score, floor, rule)
    problem = Problem(
        score=decision,
        worth=summarised(worth, settings.risk),
        candidates=floor.passes,
        must=must,
        k=settings.k,
        exclusion_m=settings.exclusion_m,
        catchment=evidence.catchment,
        time_limit_s=settings.time_limit_s,
    )
    choice = rule.choose(problem)
    chosen_in = times_chosen(problem, signed, worth, rule)
    table = cell_table(sorted_cells, demand, score, decision, floor, choice, chosen_in, must,
                       settings.forbidden)  # fmt: skip
    challenge = rule.challenge(problem, choice.sites)
    facts = gather(table, evidence, score, used, around, floor, choice, challenge, chosen_in,
                   covers=rule.covers)  # fmt: skip
    texts, worded_by = explained(facts, narrator)
    return Plan(
        cells=table.iloc[np.argsort(order)],
        sites=site_table(table, choice, facts, texts, worded_by),
        facts=tuple(facts),
        guard=floor,
        notes=(
            *choice.notes,
            *_notes(sorted_cells, around, choice, rule),
            *_on_wording(narrator, worded_by),
        ),
        settings=settings,
        utility=used,
        unit=used.unit(evidence.units),
        demand_unit=evidence.units,
        futures=score.shape[1],
    )


def _evidence(
    cells: gpd.GeoDataFrame,
    traffic: xr.DataArray | xr.Dataset,
    settings: PlanSettings,
    around: Surroundings,
) -> Evidence:
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
    return Evidence(
        statistics=ordered if isinstance(ordered, xr.Dataset) else statistics(ordered),
        catchment=catchment(cells, around.stations, settings),
        settings=settings,
        traffic=ordered if isinstance(ordered, xr.DataArray) else None,
    )


def _worth(utility: Utility, evidence: Evidence, score: Floats, guard: Guard, rule: Rule) -> Floats:
    """What a coverage rule wins by serving each cell, (cell, sample): a cell's part of its score.

    A guarded utility is worth nothing below the floor: there it rewards smallness.
    """
    if not rule.covers:
        return np.zeros_like(score)
    if utility.worth is not None:
        return utility.worth(evidence)
    if utility.better == "lower" or (score < 0).any():
        raise BadInput(
            f"The utility '{utility.title}' cannot be covered: coverage adds up what is zero or "
            "more and better when higher; use the rule 'top-k' or 'exclusion'."
        )
    worth = score * evidence.catchment.per_cell[:, None]
    if utility.guarded:
        worth = np.where((evidence.of("mean").mean(axis=1) >= guard.floor)[:, None], worth, 0.0)
    return np.asarray(worth)


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
    told = (
        f"For {by_rules} of {len(worded_by)} sites the language model's text was empty or named a "
        "number that is not among the facts; there the reason is composed by rules."
    )
    return [told]
