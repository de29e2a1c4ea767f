"""The contract of an export format: a writer for a planned run and the requested part."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd

from netspatial.runs.kinds.plan_result import PlanRun


@dataclass(frozen=True)
class ExportRequest:
    """The part of a plan to export.

    table  : all cells, or the selected sites only
    column : for a raster, the column to write
    """

    table: Literal["cells", "sites"] = "cells"
    column: str = "utility_mean"

    def rows(self, run: PlanRun) -> gpd.GeoDataFrame:
        """Return the table (EPSG:4326)."""
        return run.sites if self.table == "sites" else run.cells


@dataclass(frozen=True)
class Export:
    """An export format: its writer, file extension and purpose."""

    write: Callable[[PlanRun, Path, ExportRequest], None]
    suffix: str
    meaning: str
