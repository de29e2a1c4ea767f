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

    Attributes
    ----------
    table : str
        "cells" for all cells, or "sites" for the selected ones only.
    column : str
        For a raster, the column to write.
    """

    table: Literal["cells", "sites"] = "cells"
    column: str = "utility_mean"

    def rows(self, run: PlanRun) -> gpd.GeoDataFrame:
        """Return the table (EPSG:4326).

        Parameters
        ----------
        run : PlanRun
            Finished planning run.

        Returns
        -------
        geopandas.GeoDataFrame
            Cells or sites.
        """
        return run.sites if self.table == "sites" else run.cells


@dataclass(frozen=True)
class Export:
    """An export format: its writer, file extension and purpose."""

    write: Callable[[PlanRun, Path, ExportRequest], None]
    suffix: str
    meaning: str
