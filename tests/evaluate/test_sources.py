"""The bench of sources measures every kind, at each scale, ours beside plain code."""

import pytest

from netspatial.evaluate import sources
from netspatial.evaluate.sources import SourceRow, bench_sources


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(sources, "HOURS", 14)
    monkeypatch.setattr(sources, "TILES", 4)
    # in this process: what is measured elsewhere is not at stake
    monkeypatch.setattr(sources, "_apart", sources._timed)


@pytest.mark.usefixtures("small")
def test_every_source_has_a_speed_and_a_peak_at_each_scale():
    rows = bench_sources(scales=(1, 2), stations=3)
    assert all(isinstance(row, SourceRow) and row.ours > 0 and row.plain > 0 for row in rows)
    metadata = {(row.source, row.measure, row.scale) for row in rows}
    speeds = {("tidy", "rows_per_s"), ("wide", "rows_per_s"), ("telecom-italia", "rows_per_s"),
              ("xyz", "mpix_per_s")}  # fmt: skip
    kinds = speeds | {(source, "peak_mb") for source, _ in speeds}
    assert metadata == {(*kind, scale) for kind in kinds for scale in (1, 2)}
