"""Redrawn traffic is the same as that of a simulated city folder."""

from pathlib import Path

import numpy as np

from netspatial.simulate import redrawn_traffic, simulate


def test_redrawn_traffic_is_that_of_the_city_folder(tmp_path: Path) -> None:
    city = simulate(
        tmp_path / "c", 5, "unseen", size_km=3, stations=12, pois=40, gsd_m=20, weeks=1, redraw=2
    )
    drawn = redrawn_traffic(5, "unseen", 3, 12, 1, (1, 2))
    written = city.traffic["total"].transpose("station", "time").to_numpy()
    assert np.array_equal(drawn[1], written, equal_nan=True)
    assert not np.array_equal(drawn[0], drawn[1], equal_nan=True)
