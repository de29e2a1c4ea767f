import pytest

from netspatial.runs.jobs.manifest import RunProgress
from netspatial.ui.components.jobs import in_words


@pytest.mark.parametrize(
    ("progress", "ahead", "said"),
    [
        (RunProgress(), 0, "Starting a worker"),
        (RunProgress(), 1, "Waiting: 1 run before yours"),
        (RunProgress(), 3, "Waiting: 3 runs before yours"),
        (RunProgress(state="running", message="Opening"), None, "Opening"),
        (
            RunProgress(
                state="running",
                message="Generating traffic",
                number=3,
                of=6,
                detail="64 of 900 cells",
                stage_share=64 / 900,
            ),
            None,
            "Generating traffic (step 3 of 6, 64 of 900 cells)",
        ),
        (
            RunProgress(state="running", message="Ranking sites", number=5, of=6),
            None,
            "Ranking sites (step 5 of 6)",
        ),
    ],
)
def test_progress_in_words(progress: RunProgress, ahead: int | None, said: str) -> None:
    assert in_words(progress, ahead) == said
