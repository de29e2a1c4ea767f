"""A disk that takes no more is one sentence, whichever library was writing, and nothing is left.

A limit on the size of files stands for the full disk: the system refuses a write in the same way.
"""

import subprocess
import sys

import pytest

LIMITED = """
import resource, sys
from pathlib import Path
out = Path(sys.argv[1])
{before}
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
from netspatial.errors import NetSpatialError
try:
    {write}
except NetSpatialError as error:
    print(f"{{type(error).__name__}}: {{error}}")
else:
    print("written")
"""
TRAFFIC = """
import geopandas as gpd, numpy as np, pandas as pd, xarray as xr
from netspatial.generate.calendar import weeks_from
from netspatial.generate.generator import write_traffic
from netspatial.runs.ensemble import pack
values = np.random.default_rng(0).random((20, 4, 168), dtype=np.float32)
cells = gpd.GeoDataFrame({"cell_id": [str(n) for n in range(20)], "lon": 9.0, "lat": 45.0})
days = weeks_from("2026-01-05", 1, "UTC")
part = out.with_name("part")
part.write_bytes(values.tobytes())
traffic = xr.DataArray(
    values, dims=("cell", "sample", "time"), name="traffic",
    coords={"cell": list(cells["cell_id"]), "time": days.times},
)
"""
IMAGE = """
import numpy as np
from rasterio.transform import from_origin
from rasterio.windows import Window
from netspatial.sources.geotiff import write_image
blocks = [(Window(0, 0, 300, 300), np.random.default_rng(0).integers(0, 255, (3, 300, 300), "u1"))]
profile = {"width": 300, "height": 300, "crs": "EPSG:32632", "transform": from_origin(0, 0, 1, 1)}
"""
TOWN = """
from netspatial.simulate import simulate
"""
WRITERS = {
    "generated traffic": (TRAFFIC, "write_traffic(traffic, cells, ['us'], out)"),
    "packed ensemble": (TRAFFIC, "pack(part, out, cells, days, {})"),
    "image of a source": (IMAGE, "write_image(iter(blocks), out, profile)"),
    "simulated city": (
        TOWN,
        "simulate(out, seed=1, size_km=2.0, stations=10, pois=100, gsd_m=10.0, weeks=1)",
    ),
}


@pytest.mark.parametrize(("before", "write"), WRITERS.values(), ids=WRITERS)
def test_a_limit_on_the_size_of_files_is_one_sentence(tmp_path, before, write):
    code = LIMITED.format(before=before, write=write)
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("CannotWrite: "), done.stdout
    assert not (tmp_path / "out").exists() or write.startswith("write_image")
    assert not [path for path in tmp_path.iterdir() if "netspatial-" in path.name]
