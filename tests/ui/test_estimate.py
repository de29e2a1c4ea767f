import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.runs.run import Run
from netspatial.ui.estimate import TWO_CORES, Pace, in_words, pace_of, seconds


def test_a_finished_run_is_told_as_it_was(planned: Run) -> None:
    """Six stages of half a second each were written: that is what the same again will take."""
    pace = pace_of([planned])
    facts, request = planned.manifest.facts, planned.manifest.request
    assert pace.measured
    assert seconds(pace, facts["cells"], request["samples"], request["weeks"]) == pytest.approx(3.0)


def test_without_runs_it_says_so() -> None:
    assert pace_of([]) == TWO_CORES
    assert not TWO_CORES.measured


@given(st.integers(1, 10_000), st.integers(1, 64))
def test_more_cells_and_more_futures_take_longer(cells: int, samples: int) -> None:
    pace = Pace(1.0, 0.01, 0.001, measured=True)
    assert seconds(pace, cells + 1, samples) > seconds(pace, cells, samples)
    assert seconds(pace, cells, samples + 1) > seconds(pace, cells, samples)


@pytest.mark.parametrize(
    ("took", "said"),
    [(3, "less than 10 s"), (34, "about 30 s"), (200, "about 3 minutes"), (9000, "about 2 hours")],
)
def test_a_duration_is_said_roughly(took: float, said: str) -> None:
    assert in_words(took) == said
