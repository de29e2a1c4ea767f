"""The contract of an export format: a writer for a planned run and the requested part."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd

from netspatial.runs.kinds.plan_result import PlanRun

Table = Literal["cells", "sites", "site_change"]


@dataclass(frozen=True)
class ExportRequest:
    """The part of a plan to export.

    Attributes
    ----------
    table : str
        "cells" for all cells, "sites" for the selected ones only, or "site_change" for the lines
        from the sites to the stations that they relieve.
    column : str
        For a raster, the column to write.
    """

    table: Table = "cells"
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
            Cells, sites, or lines.
        """
        if self.table == "site_change":
            return run.site_change.stations.to_crs("EPSG:4326")
        return run.sites if self.table == "sites" else run.cells


@dataclass(frozen=True)
class Export:
    """An export format: its writer, file extension and purpose, and whether it can hold lines."""

    write: Callable[[PlanRun, Path, ExportRequest], None]
    suffix: str
    meaning: str
    lines: bool = False
