"""The made-up city as files of the kinds that users have."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from netspatial.area import Area
from netspatial.city.city import City


@dataclass(frozen=True)
class Files:
    """Files in one folder, and their sources."""

    folder: Path
    area: Area
    timezone: str

    def sources(self, **other: list[str]) -> dict[str, list[str]]:
        return {
            "imagery": [f"{self.folder / 'scene.tif'}#licence=CC0-1.0&attribution=Us"],
            "pois": [f"{self.folder / 'pois.geojson'}#licence=ODbL-1.0"],
            "landuse": [str(self.folder / "land.parquet")],
            "stations": [str(self.folder / "stations.csv")],
            "traffic": [f"tidy:{self.folder / 'traffic.csv'}#unit=MB&value=total"],
        } | other


@pytest.fixture
def files(small_city: City, tmp_path: Path) -> Files:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "scene.tif").write_bytes(small_city.path("imagery").read_bytes())
    small_city.pois.to_file(folder / "pois.geojson")
    small_city.landuse.to_parquet(folder / "land.parquet")
    stations = small_city.stations
    plain = stations.drop(columns="geometry")
    plain.assign(lon=stations.geometry.x, lat=stations.geometry.y).to_csv(
        folder / "stations.csv", index=False
    )
    rows = small_city.traffic["total"].to_series().reset_index()
    rows["time"] = rows["time"].dt.strftime("%Y-%m-%dT%H:%MZ")
    rows.to_csv(folder / "traffic.csv", index=False)
    area = Area.from_bounds(*small_city.record.bounds)
    return Files(folder, area, small_city.record.timezone)
