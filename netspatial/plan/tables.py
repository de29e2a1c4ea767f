"""Tables of a plan: all cells with statistics and ranks, and the selected sites with rationale."""

import geopandas as gpd
import numpy as np
import pandas as pd

from netspatial.arrays import Floats, Indices
from netspatial.plan.demand_floor import DemandFloor
from netspatial.plan.explain.site_facts import SiteFacts
from netspatial.plan.siting import Choice
from netspatial.plan.siting.contract import ranked


def spread_columns(name: str, values: Floats) -> dict[str, Floats]:
    """Return mean, p10, p50 and p90 over the samples, by column name.

    Parameters
    ----------
    name : str
        Prefix of the column names.
    values : array (cell, sample)
        Any quantity.

    Returns
    -------
    dict from str to array (cell,)

    Examples
    --------
    >>> {name: column.tolist() for name, column in spread_columns("x", np.ones((1, 2))).items()}
    {'x_mean': [1.0], 'x_p10': [1.0], 'x_p50': [1.0], 'x_p90': [1.0]}
    """
    p10, p50, p90 = np.quantile(values, (0.1, 0.5, 0.9), axis=1)
    return {
        f"{name}_mean": values.mean(axis=1),
        f"{name}_p10": p10,
        f"{name}_p50": p50,
        f"{name}_p90": p90,
    }


def cell_table(
    cells: gpd.GeoDataFrame,
    demand: Floats,
    score: Floats,
    decision: Floats,
    demand_floor: DemandFloor,
    choice: Choice,
    selected_in: Indices,
    must: Indices,
    forbidden: tuple[str, ...],
) -> gpd.GeoDataFrame:
    """Return the cells with their statistics, status and ranks.

    Parameters
    ----------
    cells : GeoDataFrame (n rows)
        The cells.
    demand : array (cell, sample)
        Mean traffic.
    score : array (cell, sample)
        Utility.
    decision : array (cell,)
        Value by which candidates are ranked, higher is better.
    demand_floor : DemandFloor
        Candidates that reach the minimum demand.
    choice : Choice
        The selected sites.
    selected_in : array (cell,) of int
        In how many samples each cell is selected.
    must : array of int
        Positions of the required cells.
    forbidden : tuple of str
        Ids of the excluded cells.

    Returns
    -------
    GeoDataFrame (n rows)
        For the columns see `Plan.cells`.
    """
    impossible = (cells["feasible"] == "no").to_numpy()
    verdict = np.select(
        [impossible, cells["cell_id"].isin(forbidden).to_numpy(), demand_floor.passes],
        ["not feasible", "excluded", "candidate"],
        default="below minimum demand",
    ).astype(object)
    verdict[must] = "required"
    utility_rank = np.full(len(cells), np.nan)
    utility_rank[ranked(decision, demand_floor.passes)] = np.arange(
        1, demand_floor.passes.sum() + 1
    )
    rank = np.full(len(cells), np.nan)
    rank[choice.sites] = np.arange(1, len(choice.sites) + 1)
    return cells.assign(
        **spread_columns("demand", demand),
        **spread_columns("utility", score),
        status=verdict.astype(str),
        utility_rank=pd.array(utility_rank).astype("Int64"),
        rank=pd.array(rank).astype("Int64"),
        selected_in=selected_in,
    )


def site_table(
    cells: gpd.GeoDataFrame, choice: Choice, facts: list[SiteFacts], texts: list[str], by: list[str]
) -> gpd.GeoDataFrame:
    """Return the selected cells in order of rank, with facts and rationale as columns.

    Parameters
    ----------
    cells : GeoDataFrame (n rows)
        The cells of `cell_table`.
    choice : Choice
        The selected sites.
    facts : list of SiteFacts
        Facts of each site.
    texts : list of str
        Rationale of each site.
    by : list of str
        Author of each rationale: "rules" or "model".

    Returns
    -------
    GeoDataFrame (K rows)
    """
    chosen = cells.iloc[choice.sites].reset_index(drop=True)
    near = [one.stations for one in facts]
    return chosen.assign(
        gain=choice.gains,
        peak_hour=[one.rhythm.peak_hour for one in facts],
        weekend_over_weekday=[one.rhythm.weekend for one in facts],
        nearest_station=[None if s is None or not s.nearest else s.nearest for s in near],
        nearest_station_m=[np.nan if s is None or not s.nearest else s.nearest_m for s in near],
        stations_within_1km=pd.array(
            [None if s is None else s.within for s in near], dtype="Int64"
        ),
        pois_within_300m=pd.array(
            [None if one.pois is None else one.poi_count for one in facts], dtype="Int64"
        ),
        poi_mix=[", ".join(f"{count} {name}" for name, count in one.pois or ()) for one in facts],
        challenger=[one.challenger or None for one in facts],
        margin_pct=[100 * one.margin for one in facts],
        samples=[one.samples for one in facts],
        rationale=texts,
        worded_by=by,
    )
