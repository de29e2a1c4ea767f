"""Candidate cells of a plan: feasibility masks, required and excluded cells, minimum demand."""

from collections import Counter

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Indices, Mask
from netspatial.errors import BadInput
from netspatial.plan.demand_floor import DemandFloor
from netspatial.plan.settings import PlanSettings

NEEDED = ("cell_id", "x", "y", "lon", "lat", "feasible", "reason")


def check_cells(cells: gpd.GeoDataFrame) -> None:
    """Raise BadInput for cells without a feasibility verdict or with duplicate ids.

    Parameters
    ----------
    cells : GeoDataFrame
        The cells of a plan.

    Raises
    ------
    BadInput
        If a column is missing, there are no cells, or an id occurs twice.
    """
    missing = [column for column in NEEDED if column not in cells.columns]
    if missing:
        raise BadInput(
            f"The cells have no column '{missing[0]}'; create them with make_grid and "
            "apply feasibility."
        )
    if cells.empty:
        raise BadInput("There are no cells to plan on; draw a larger area or use smaller cells.")
    twice = cells["cell_id"][cells["cell_id"].duplicated()]
    if len(twice):
        raise BadInput(f"Cell '{twice.iloc[0]}' occurs twice; cell ids must be unique.")


def competing(cells: gpd.GeoDataFrame, settings: PlanSettings) -> tuple[Indices, Mask]:
    """Return the positions of the required cells, and which cells are candidates.

    Parameters
    ----------
    cells : GeoDataFrame (n rows)
        With `cell_id`, `feasible` and `reason`; cells whose feasibility is unknown for lack of
        data are candidates.
    settings : PlanSettings
        For the number of sites, and the required and excluded cells.

    Returns
    -------
    must : array of int
        Positions of the required cells.
    candidates : array (n,) of bool
        Cells that may be selected.

    Raises
    ------
    BadInput
        If a required cell is not feasible, an id is unknown, or too few cells are feasible.
    """
    ids = cells["cell_id"].to_numpy().astype(str)
    possible = (cells["feasible"] != "no").to_numpy()
    if not possible.any():
        raise BadInput(
            f"None of the {len(cells)} cells is feasible: {_removed_by(cells)}; draw another area "
            "or skip a mask."
        )
    must = np.array(
        sorted({_position(ids, name, "required") for name in settings.required}), dtype=np.int64
    )
    forbidden = np.zeros(len(cells), dtype=bool)
    forbidden[[_position(ids, name, "excluded") for name in settings.excluded]] = True
    barred = must[~possible[must]]
    if len(barred):
        raise BadInput(
            f"Cell '{ids[barred[0]]}' is required but not feasible "
            f"({cells['reason'].iloc[barred[0]]}); do not require it, or skip the mask."
        )
    if len(must) > settings.sites:
        raise BadInput(
            f"{len(must)} cells are required but only {settings.sites} sites are requested; "
            f"request at least {len(must)}."
        )
    candidates = possible & ~forbidden
    if settings.sites > candidates.sum():
        raise BadInput(
            f"{settings.sites} sites are requested, but only {candidates.sum()} of {len(cells)} "
            f"cells are feasible ({_removed_by(cells, int(forbidden.sum()))}); request fewer."
        )
    return must, candidates


def check_floor(settings: PlanSettings, demand_floor: DemandFloor, must: Indices) -> None:
    """Raise BadInput if too few cells reach the minimum demand; required cells always pass.

    Parameters
    ----------
    settings : PlanSettings
        For the number of sites.
    demand_floor : DemandFloor
        The minimum demand and the candidates that reach it.
    must : array of int
        Positions of the required cells.

    Raises
    ------
    BadInput
        If fewer cells than requested sites reach the minimum demand.
    """
    open_to = demand_floor.kept + int((~demand_floor.passes[must]).sum())
    if settings.sites > open_to:
        raise BadInput(
            f"{settings.sites} sites are requested, but only {open_to} of "
            f"{demand_floor.kept + demand_floor.removed} feasible cells reach the minimum demand "
            f"of {demand_floor.floor:.3g} {demand_floor.unit}; lower the minimum or request "
            f"at most {open_to} sites."
        )


def _position(ids: NDArray[np.str_], name: str, role: str) -> int:
    found = np.flatnonzero(ids == name)
    if not len(found):
        raise BadInput(f"There is no cell '{name}' (listed as {role}); ids look like '{ids[0]}'.")
    return int(found[0])


def _removed_by(cells: gpd.GeoDataFrame, forbidden: int = 0) -> str:
    """Return how many cells each mask removed; several masks may remove the same cell."""
    removed = cells.loc[cells["feasible"] == "no", "reason"]
    counts = Counter(name for reason in removed for name in str(reason).split(", "))
    parts = [f"{name} removed {count}" for name, count in counts.most_common()]
    if forbidden:
        parts.append(f"{forbidden} excluded")
    return ", ".join(parts) or "no mask removed any"
