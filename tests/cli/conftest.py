"""Fixtures: the command line in this process, and the planned run of the made-up city."""

import sys
from collections.abc import Callable

import pytest

from netspatial.cli import main
from tests.runs.conftest import (  # noqa: F401  fixtures
    made_up_surroundings,
    model_folder,
    plan_here,
    planned,
    small_area,
)


@pytest.fixture
def call(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["netspatial", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run
