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


def test_a_finished_run_is_told_as_it_was(planned: Run) -> None:
    """Six stages of half a second each were written: that is what the same again will take."""
    pace = plan_pace([planned])
    facts, request = planned.manifest.facts, planned.manifest.request
    assert pace.measured
    counts = plan_counts(facts["cells"], request["samples"], request["weeks"])
    assert pace.seconds(counts) == pytest.approx(3.0)


def test_without_runs_it_says_so() -> None:
    assert (plan_pace([]), schedule_pace([])) == (PLAN, SCHEDULE)
    assert "a guess" in SCHEDULE.in_words(schedule_counts(1, 24))
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
def test_a_duration_is_said_roughly(took: float, said: str) -> None:
    assert in_words(took) == said
