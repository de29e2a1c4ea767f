"""The notebooks of the documentation run, and their stored outputs belong to their code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.documents import ROOT

FOLDER = ROOT / "docs" / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
MAX_CODE_LINES = 60
MAX_KB = 800


def code_cells(folder: Path, name: str) -> list[dict[str, Any]]:
    notebook = json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_there_are_four() -> None:
    assert NAMES == ["operate_a_night", "plan_a_district", "train_and_validate", "your_own_city"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_without_warnings(name: str, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own notebooks
        [sys.executable, FOLDER / "make.py", name, "--out", tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = [one for cell in code_cells(tmp_path, name) for one in cell["outputs"]]
    assert not [one for one in shown if one.get("name") == "stderr"]
    stored = [one for cell in code_cells(FOLDER, name) for one in cell["outputs"]]
    assert [one["output_type"] for one in stored] == [one["output_type"] for one in shown]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_short_and_its_outputs_are_stored(name: str) -> None:
    cells = code_cells(FOLDER, name)
    lines = [line for cell in cells for line in cell["source"] if line.strip()]
    assert len(lines) <= MAX_CODE_LINES
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert len(text) <= MAX_KB * 1000
    assert "/tmp" not in text  # noqa: S108  no path of the machine that ran it
