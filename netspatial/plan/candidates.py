"""Which cells compete for a site, and one clear sentence where too few do.

Before siting: masks of the feasibility, must-haves and forbidden cells.
"""

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
    """Refuse cells that were not judged, or that name one place twice."""
    missing = [column for column in NEEDED if column not in cells.columns]
    if missing:
        raise BadInput(
            f"The cells have no column '{missing[0]}'; cut them with make_grid and judge them "
            "with feasibility."
        )
    if cells.empty:
        raise BadInput("There are no cells to plan on; draw a larger area or take smaller cells.")
    twice = cells["cell_id"][cells["cell_id"].duplicated()]
    if len(twice):
        raise BadInput(f"Cell '{twice.iloc[0]}' is there twice; every cell must be there once.")


def competing(cells: gpd.GeoDataFrame, settings: PlanSettings) -> tuple[Indices, Mask]:
    """Return the positions of the must-haves, and which cells may compete, (n,) bool.

    What no mask removed competes, also where data are missing and feasibility is unknown.
    """
    ids = cells["cell_id"].to_numpy().astype(str)
    possible = (cells["feasible"] != "no").to_numpy()
    if not possible.any():
        raise BadInput(
            f"None of the {len(cells)} cells is feasible: {_removed_by(cells)}; draw another area "
            "or switch off a mask."
        )
    must = np.array(
        sorted({_position(ids, name, "must") for name in settings.must}), dtype=np.int64
    )
    forbidden = np.zeros(len(cells), dtype=bool)
    forbidden[[_position(ids, name, "forbidden") for name in settings.forbidden]] = True
    barred = must[~possible[must]]
    if len(barred):
        raise BadInput(
            f"Cell '{ids[barred[0]]}' is a must, and no site may stand there "
            f"({cells['reason'].iloc[barred[0]]}); take it off the list or switch off the mask."
        )
    if len(must) > settings.k:
        raise BadInput(
            f"{len(must)} cells are a must and only {settings.k} sites were asked for; ask for "
            f"{len(must)} or more."
        )
    candidates = possible & ~forbidden
    if settings.k > candidates.sum():
        raise BadInput(
            f"{settings.k} sites were asked for, and only {candidates.sum()} of {len(cells)} cells "
            f"may hold one ({_removed_by(cells, int(forbidden.sum()))}); ask for fewer."
        )
    return must, candidates


def check_floor(settings: PlanSettings, demand_floor: DemandFloor, must: Indices) -> None:
    """Refuse a floor that lets too few cells pass; must-haves pass in any case."""
    open_to = demand_floor.kept + int((~demand_floor.passes[must]).sum())
    if settings.k > open_to:
        raise BadInput(
            f"{settings.k} sites were asked for, and only {open_to} of "
            f"{demand_floor.kept + demand_floor.removed} feasible cells reach the floor of {demand_floor.floor:.3g} "
            f"{demand_floor.unit}; set a lower floor or ask for at most {open_to}."
        )


def _position(ids: NDArray[np.str_], name: str, role: str) -> int:
    found = np.flatnonzero(ids == name)
    if not len(found):
        raise BadInput(f"There is no cell '{name}', which is {role}; the ids look like '{ids[0]}'.")
    return int(found[0])


def _removed_by(cells: gpd.GeoDataFrame, forbidden: int = 0) -> str:
    """Tell which mask removed how many; a cell may be removed by several."""
    removed = cells.loc[cells["feasible"] == "no", "reason"]
    counts = Counter(name for reason in removed for name in str(reason).split(", "))
    metadata = [f"{name} removed {count}" for name, count in counts.most_common()]
    if forbidden:
        metadata.append(f"{forbidden} forbidden")
    return ", ".join(metadata) or "no mask removed any"
