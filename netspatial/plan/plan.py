"""What-if planning in one call: from a traffic ensemble to ranked and explained sites.

Give the statistics of the traffic instead of the traffic to rank again quickly: then only utility,
minimum demand and site selection are computed.
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
from netspatial.plan.explain.selection_share import selection_counts, summarised
from netspatial.plan.explain.site_facts import SiteFacts
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import Choice, Method, Problem, method_named
from netspatial.plan.statistics import statistics
from netspatial.plan.tables import cell_table, site_table
from netspatial.plan.utilities import Utility, UtilityInputs, scored, utility_named


@dataclass(frozen=True)
class Plan:
    """Ranked sites with their rationale, among all cells.

    Attributes
    ----------
    cells : GeoDataFrame (n rows)
        All cells as given, with `demand_` and `utility_` columns (mean, p10, p50, p90 over the
        samples), `status` (candidate, required, excluded, below minimum demand, not feasible),
        `utility_rank` (by utility alone, among those that pass), `rank` (order of selection, NA
        where not selected) and `selected_in` (in how many samples).
    sites : GeoDataFrame (K rows)
        The selected cells in order of rank, with facts as columns, `rationale` and `worded_by`.
    facts : tuple of SiteFacts
        The same facts as objects, in order of rank.
    demand_floor : DemandFloor
        The minimum demand and the cells that it removed.
    notes : tuple of str
        Further sentences, for example that a search stopped early.
    settings : PlanSettings
        The settings of the plan.
    utility : Utility
        The utility by which cells are ranked.
    unit : str
        Unit of the `utility_` columns.
    demand_unit : str
        Unit of the `demand_` columns.
    samples : int
        Number of samples of the ensemble.
    """

    cells: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    facts: tuple[SiteFacts, ...]
    demand_floor: DemandFloor
    notes: tuple[str, ...]
    settings: PlanSettings
    utility: Utility
    unit: str
    demand_unit: str
    samples: int


def make_plan(
    cells: gpd.GeoDataFrame,
    traffic: xr.DataArray | xr.Dataset,
    settings: PlanSettings | None = None,
    surroundings: Surroundings | None = None,
    *,
    utility: Utility | None = None,
    narrator: Narrator | None = None,
) -> Plan:
    """Select and explain sites among cells.

    Parameters
    ----------
    cells : GeoDataFrame (n rows)
        As `netspatial.feasibility.feasibility` returns them, in a metric CRS.
    traffic : DataArray (cell, sample, time) or Dataset
        The ensemble of the same cells, in any order; or the result of `statistics`.
    settings : PlanSettings, optional
        Utility, selection method and number of sites.
    surroundings : Surroundings, optional
        Existing stations and points of interest; unknown by default.
    utility : Utility, optional
        A user-defined one (see `own_utility`), instead of the one in the settings.
    narrator : function from str to str, optional
        A language model as a function from prompt to text, instead of the one in the settings.

    Returns
    -------
    Plan

    Raises
    ------
    BadInput
        If cells or settings are not valid, too few cells are feasible, or the traffic lacks
        cells.

    Notes
    -----
    Eq. 7 selects the K cells of highest utility: the method "top-k". Utilities are computed per
    sample and then summarised by `settings.risk`.
    """
    settings = settings or PlanSettings()
    around = surroundings or Surroundings()
    method = method_named(settings.method)
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
    floor = demand_floor(
        demand.mean(axis=1),
        decision,
        candidates,
        settings.min_demand,
        settings.sites,
        guarded=used.guarded,
        unit=inputs.units,
    )
    check_floor(settings, floor, must)
    coverage_weight = _worth(used, inputs, score, floor, method)
    problem = Problem(
        score=decision,
        coverage_weight=summarised(coverage_weight, settings.risk),
        candidates=floor.passes,
        must=must,
        sites=settings.sites,
        spacing_m=settings.spacing_m,
        catchment=inputs.catchment,
        time_limit_s=settings.time_limit_s,
    )
    choice = method.choose(problem)
    selected_in = selection_counts(problem, signed, coverage_weight, method)
    table = cell_table(
        sorted_cells, demand, score, decision, floor, choice, selected_in, must, settings.excluded
    )
    runner_up = method.runner_up(problem, choice.sites)
    facts = gather(
        table,
        inputs,
        score,
        used,
        around,
        floor,
        choice,
        runner_up,
        selected_in,
        covers=method.covers,
    )
    texts, worded_by = explained(facts, narrator)
    return Plan(
        cells=table.iloc[np.argsort(order)],
        sites=site_table(table, choice, facts, texts, worded_by),
        facts=tuple(facts),
        demand_floor=floor,
        notes=(
            *choice.notes,
            *_notes(sorted_cells, around, choice, method),
            *_on_wording(narrator, worded_by),
        ),
        settings=settings,
        utility=used,
        unit=used.unit(inputs.units),
        demand_unit=inputs.units,
        samples=score.shape[1],
    )


def _evidence(
    cells: gpd.GeoDataFrame,
    traffic: xr.DataArray | xr.Dataset,
    settings: PlanSettings,
    around: Surroundings,
) -> UtilityInputs:
    """Return the traffic in the order of the cells, with the catchment."""
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
        network=around.network,
    )


def _worth(
    utility: Utility,
    inputs: UtilityInputs,
    score: Floats,
    demand_floor: DemandFloor,
    method: Method,
) -> Floats:
    """Weight of each cell for coverage methods, (cell, sample): the cell's part of its score.

    For a guarded utility the weight below the floor is 0, as it rewards small traffic there.
    """
    if not method.covers:
        return np.zeros_like(score)
    if utility.coverage_weight is not None:
        return utility.coverage_weight(inputs)
    if utility.better == "lower" or (score < 0).any():
        raise BadInput(
            f"The utility '{utility.title}' cannot be covered: coverage needs a utility that is "
            "never negative and better when higher; use the method 'top-k' or 'exclusion'."
        )
    coverage_weight = score * inputs.catchment.per_cell[:, None]
    if utility.guarded:
        coverage_weight = np.where(
            (inputs.of("mean").mean(axis=1) >= demand_floor.floor)[:, None], coverage_weight, 0.0
        )
    return np.asarray(coverage_weight)


def _notes(
    cells: gpd.GeoDataFrame, around: Surroundings, choice: Choice, method: Method
) -> list[str]:
    """Return notes on the data behind this plan."""
    notes = []
    unknown = cells.loc[cells["feasible"] == "unknown", "reason"]
    if len(unknown):
        notes.append(
            f"Feasibility is unknown for {len(unknown)} of {len(cells)} cells "
            f"({', '.join(sorted(set(unknown.astype(str))))}); they remain candidates."
        )
    if around.stations is None:
        notes.append("There are no data on existing stations, so all demand counts as unserved.")
    idle = int((choice.gains <= 0).sum()) if method.covers else 0
    if idle:
        notes.append(f"{idle} of the selected sites add nothing to existing service.")
    if method.exact:
        notes.append(
            "For single samples, sites are selected by greedy coverage instead of the exact method."
        )
    return notes


def _on_wording(narrator: Narrator | None, worded_by: list[str]) -> list[str]:
    by_rules = worded_by.count("rules")
    if narrator is None or not by_rules:
        return []
    note = (
        f"For {by_rules} of {len(worded_by)} sites the language model's text was empty or had a "
        "number that is not among the facts; there the rationale is composed by rules."
    )
    return [note]
