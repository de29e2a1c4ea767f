"""The planned run of the made-up city, for the commands that show and change runs."""

from tests.runs.conftest import (  # noqa: F401  fixtures
    model_folder,
    plan_here,
    planned,
    small_area,
)
