"""The bench of sources measures every format at each scale, for our reader and plain code."""

import pytest

from netspatial.evaluate import sources
from netspatial.evaluate.sources import SourceRow, bench_sources


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(sources, "HOURS", 14)
    monkeypatch.setattr(sources, "TILES", 4)
    # run jobs in this process
    monkeypatch.setattr(sources, "_apart", sources._timed)


@pytest.mark.usefixtures("small")
def test_every_source_has_a_speed_and_a_peak_at_each_scale():
    rows = bench_sources(scales=(1, 2), stations=3)
    assert all(isinstance(row, SourceRow) and row.ours > 0 and row.plain > 0 for row in rows)
    found = {(row.source, row.measure, row.scale) for row in rows}
    speeds = {
        ("tidy", "rows_per_s"),
        ("wide", "rows_per_s"),
        ("telecom-italia", "rows_per_s"),
        ("xyz", "mpix_per_s"),
    }
    kinds = speeds | {(source, "peak_mb") for source, _ in speeds}
    assert found == {(*kind, scale) for kind in kinds for scale in (1, 2)}
