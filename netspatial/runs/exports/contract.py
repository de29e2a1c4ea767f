"""What every export is given: a planned run, a place to write to, and which part is wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd

from netspatial.runs.kinds.plan_result import PlanRun


@dataclass(frozen=True)
class Asked:
    """Which part of a plan is wanted.

    table  : all cells, or the chosen sites only
    column : for a raster, the number to write
    """

    table: Literal["cells", "sites"] = "cells"
    column: str = "utility_mean"

    def rows(self, run: PlanRun) -> gpd.GeoDataFrame:
        """Return the table (EPSG:4326)."""
        return run.sites if self.table == "sites" else run.cells


@dataclass(frozen=True)
class Export:
    """One format: its writer, the ending of its files, and what it is for."""

    write: Callable[[PlanRun, Path, Asked], None]
    suffix: str
    meaning: str
