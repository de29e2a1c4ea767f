"""A full disk raises one error for every writing library, and no files are left.

A limit on the size of files replaces the full disk: the system refuses a write in the same way.
"""

import subprocess
import sys

LIMITED = """
import resource, sys
from pathlib import Path
import geopandas as gpd, numpy as np, xarray as xr
from rasterio.transform import from_origin
from rasterio.windows import Window
from netspatial.errors import CannotWrite
from netspatial.generate.calendar import weeks_from
from netspatial.generate.generator import write_traffic
from netspatial.runs.kinds.ensemble import pack
from netspatial.simulate import simulate
from netspatial.sources.geotiff import write_image

folder = Path(sys.argv[1])
random = np.random.default_rng(0)
values = random.random((20, 4, 168), dtype=np.float32)
cells = gpd.GeoDataFrame({"cell_id": [str(n) for n in range(20)], "lon": 9.0, "lat": 45.0})
days = weeks_from("2026-01-05", 1, "UTC")
part = folder / "part"
part.write_bytes(values.tobytes())
where = {"cell": list(cells["cell_id"]), "time": days.times}
traffic = xr.DataArray(values, where, ("cell", "sample", "time"), "traffic")
blocks = [(Window(0, 0, 300, 300), random.integers(0, 255, (3, 300, 300), "u1"))]
profile = {"width": 300, "height": 300, "crs": "EPSG:32632", "transform": from_origin(0, 0, 1, 1)}
town = dict(seed=1, size_km=2.0, stations=10, pois=100, gsd_m=10.0, weeks=1)

resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
for write in (
    lambda: write_traffic(traffic, cells, ["us"], folder / "traffic.nc"),
    lambda: pack(part, folder / "packed.nc", cells, days, {}),
    lambda: write_image(iter(blocks), folder / "work.tif", profile),
    lambda: simulate(folder / "city", **town),
):
    try:
        write()
    except CannotWrite as error:
        print(error)
    else:
        print("written")
"""


def test_a_limit_on_the_size_of_files_raises_an_error_and_leaves_nothing(tmp_path):
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", LIMITED, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all("was not written" in line for line in lines), done.stdout
    # the working folder of a source is removed by its caller
    assert {path.name for path in tmp_path.iterdir()} <= {"part", "work.tif", "work.draft.tif"}
