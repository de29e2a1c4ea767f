import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.runs.jobs.run import Run
from netspatial.ui.components.estimate import (
    PLAN,
    SCHEDULE,
    Pace,
    in_words,
    plan_counts,
    plan_pace,
    schedule_counts,
    schedule_pace,
)


def test_the_estimate_for_a_repeated_run_is_its_own_duration(planned: Run) -> None:
    """The run has six stages of half a second each."""
    pace = plan_pace([planned])
    facts, request = planned.manifest.facts, planned.manifest.request
    assert pace.measured
    counts = plan_counts(facts["cells"], request["samples"], request["weeks"])
    assert pace.seconds(counts) == pytest.approx(3.0)


def test_without_runs_the_estimate_is_the_default() -> None:
    assert (plan_pace([]), schedule_pace([])) == (PLAN, SCHEDULE)
    assert "an estimate for two cores" in SCHEDULE.in_words(schedule_counts(1, 24))
    measured = Pace(6.0, {"station_hours": 1.0}, measured=True)
    assert measured.in_words(schedule_counts(1, 174)) == "about 3 minutes (from earlier runs here)"


@given(st.integers(1, 10_000), st.integers(1, 64))
def test_more_cells_and_more_samples_take_longer(cells: int, samples: int) -> None:
    def took(*counts: int) -> float:
        return PLAN.seconds(plan_counts(*counts))

    assert took(cells + 1, samples, 4) > took(cells, samples, 4)
    assert took(cells, samples + 1, 4) > took(cells, samples, 4)


@pytest.mark.parametrize(
    ("took", "said"),
    [(3, "less than 10 s"), (34, "about 30 s"), (200, "about 3 minutes"), (9000, "about 2 hours")],
)
def test_a_duration_is_rounded(took: float, said: str) -> None:
    assert in_words(took) == said
