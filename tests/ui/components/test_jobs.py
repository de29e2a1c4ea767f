import pytest

from netspatial.runs.jobs.manifest import Progress
from netspatial.ui.components.jobs import in_words


@pytest.mark.parametrize(
    ("progress", "ahead", "said"),
    [
        (Progress(), 0, "Starting a worker"),
        (Progress(), 1, "Waiting: 1 run before yours"),
        (Progress(), 3, "Waiting: 3 runs before yours"),
        (Progress(state="running", message="Opening"), None, "Opening"),
        (
            Progress(
                state="running", message="Generating traffic", number=3, of=6, done=64, total=900
            ),
            None,
            "Generating traffic (step 3 of 6, 64 of 900)",
        ),
        (
            Progress(state="running", message="Ranking sites", number=5, of=6, done=0, total=1),
            None,
            "Ranking sites (step 5 of 6)",
        ),
    ],
)  # fmt: skip
def test_progress_is_said_in_words(progress: Progress, ahead: int | None, said: str) -> None:
    assert in_words(progress, ahead) == said
