"""The facts of every selected site and the rationale composed from them."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from netspatial.arrays import Floats, Indices
from netspatial.plan.demand_floor import DemandFloor
from netspatial.plan.explain.rationale_llm import Narrator, narrated
from netspatial.plan.explain.rationale_text import rationale
from netspatial.plan.explain.site_facts import (
    NearbyStations,
    SiteFacts,
    Spread,
    pois_around,
    rhythm,
    stations_around,
)
from netspatial.plan.level_range import measured_support
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import Choice, RunnerUp
from netspatial.plan.standing_network import StandingNetwork
from netspatial.plan.utilities import Utility, UtilityInputs

Pois = tuple[tuple[tuple[str, int], ...], int]


@dataclass(frozen=True)
class Surroundings:
    """Data on the city around the cells, for coverage and rationale.

    Attributes
    ----------
    stations : GeoDataFrame or None
        Existing stations (`station_id`, geometry, where known `tier`); None if unknown.
    station_load : Series or None
        Mean traffic by station id, in the unit of the ensemble.
    load_from : str
        Provenance of that load: measured or simulated.
    pois : GeoDataFrame or None
        Points of interest (`name`, `category`, geometry); None if unknown.
    network : function that returns a StandingNetwork, or None
        The stations with their traffic and capacity, in the CRS of the cells; called only where
        a utility needs them.
    """

    stations: gpd.GeoDataFrame | None = None
    station_load: "pd.Series[float] | None" = None
    load_from: str = "measured"
    pois: gpd.GeoDataFrame | None = None
    network: Callable[[], StandingNetwork] | None = None


def gather(
    cells: gpd.GeoDataFrame,
    inputs: UtilityInputs,
    score: Floats,
    utility: Utility,
    around: Surroundings,
    demand_floor: DemandFloor,
    choice: Choice,
    runner_up: RunnerUp,
    selected_in: Indices,
    *,
    covers: bool,
) -> list[SiteFacts]:
    """Return the facts of each site in order of selection.

    Parameters
    ----------
    cells : GeoDataFrame (n rows)
        The table of cells with `cell_id`, `x`, `y` and `feasible`, in a metric CRS.
    inputs : UtilityInputs
        Statistics of the traffic, in the order of the cells.
    score : array (cell, sample)
        The utility, without a change of sign.
    utility : Utility
        The utility of the plan.
    around : Surroundings
        Existing stations and points of interest.
    demand_floor : DemandFloor
        The minimum demand.
    choice : Choice
        The selected sites.
    runner_up : RunnerUp
        The cell that would replace each site.
    selected_in : array (n,) of int
        In how many samples each cell is selected.
    covers : bool
        Whether the lead over the runner-up is measured in added coverage.

    Returns
    -------
    list of SiteFacts
    """
    ids = cells["cell_id"].to_numpy().astype(str)
    sites = choice.sites
    demand = inputs.of("mean")
    settings = inputs.settings
    usual = np.sort(demand.mean(axis=1)[(cells["feasible"] != "no").to_numpy()])
    profile = inputs.statistics["profile"].to_numpy()
    stations, pois = _stations(cells, sites, around), _pois(cells, sites, around)
    measured = measured_support(cells, sites)
    facts = []
    for number, site in enumerate(sites.tolist()):
        challenger = int(runner_up.cell[number])
        mean = float(demand[site].mean())
        facts.append(
            SiteFacts(
                cell_id=str(ids[site]),
                rank=number + 1,
                of=len(sites),
                provenance=str(inputs.statistics.attrs["provenance"]),
                utility=utility.title,
                utility_unit=utility.unit(inputs.units),
                value=_spread(score[site]),
                demand=_spread(demand[site]),
                demand_unit=inputs.units,
                beats=float(np.searchsorted(usual, mean) / max(len(usual), 1)),
                rhythm=rhythm(profile[site]),
                stations=None if stations is None else stations[number],
                pois=None if pois is None else pois[number][0],
                poi_count=0 if pois is None else pois[number][1],
                selected_in=int(selected_in[site]),
                samples=score.shape[1],
                challenger="" if challenger < 0 else str(ids[challenger]),
                margin=_margin(runner_up, number),
                measured_by=_measure(utility, settings, covers=covers),
                floor=demand_floor.floor,
                required=str(ids[site]) in settings.required,
                measured=measured[number],
            )
        )
    return facts


def explained(facts: list[SiteFacts], narrator: Narrator | None) -> tuple[list[str], list[str]]:
    """Return the rationale of each site, and its author.

    Parameters
    ----------
    facts : list of SiteFacts
        Facts of each site.
    narrator : function from str to str, or None
        A language model as a function from prompt to text; None for text composed by rules.

    Returns
    -------
    texts : list of str
        One paragraph for each site.
    worded_by : list of str
        "rules" or "model"; "rules" also where the model's text has a number that is no fact.
    """
    if narrator is None:
        return [rationale(one) for one in facts], ["rules"] * len(facts)
    worded = [narrated(one, narrator) for one in facts]
    texts = [
        rationale(one) if text is None else text for one, text in zip(facts, worded, strict=True)
    ]
    return texts, ["rules" if text is None else "model" for text in worded]


def _spread(values: Floats) -> Spread:
    p10, p90 = np.quantile(values, (0.1, 0.9))
    return Spread(float(values.mean()), float(p10), float(p90))


def _margin(runner_up: RunnerUp, number: int) -> float:
    """Return a site's lead over its runner-up, as a share of its own value."""
    own, value = float(runner_up.own[number]), float(runner_up.value[number])
    return (own - value) / abs(own) if own else float("nan")


def _measure(utility: Utility, settings: PlanSettings, *, covers: bool) -> str:
    """Return the quantity in which the lead over the challenger is measured."""
    measure = f"added coverage of {utility.title}" if covers else utility.title
    if settings.risk != "mean":
        measure += f" at the {100 * float(settings.risk):.0f} % quantile of the samples"
    return measure


def _stations(
    cells: gpd.GeoDataFrame, sites: Indices, around: Surroundings
) -> list[NearbyStations] | None:
    if around.stations is None:
        return None
    xy = cells[["x", "y"]].to_numpy(dtype=np.float64)[sites]
    return stations_around(
        xy, around.stations.to_crs(cells.crs), around.station_load, around.load_from
    )


def _pois(cells: gpd.GeoDataFrame, sites: Indices, around: Surroundings) -> list[Pois] | None:
    if around.pois is None:
        return None
    xy = cells[["x", "y"]].to_numpy(dtype=np.float64)[sites]
    return pois_around(xy, around.pois, cells.crs)
