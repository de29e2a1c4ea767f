"""`netspatial runs`: list, show, compare, export, cancel, delete."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from netspatial.cli import main
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_result import PlanRun


@pytest.fixture
def call(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["netspatial", "runs", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def copy(planned: PlanRun, tmp_path: Path) -> PlanRun:
    """Return a copy of the finished run that a test may change, in its own runs folder."""
    shutil.copytree(planned.folder, tmp_path / "runs" / "mine")
    return PlanRun.open(tmp_path / "runs" / "mine")


def test_runs_are_listed(call, copy: PlanRun) -> None:
    Run.create(copy.folder.parent / "later", "plan", {})
    code, out, _ = call("list", copy.folder.parent)
    assert code == 0
    assert "mine" in out
    assert "finished" in out
    _, out, _ = call("list", copy.folder.parent, "--json")
    assert {row["run"]: row["state"] for row in json.loads(out)} == {
        "later": "waiting",
        "mine": "finished",
    }


def test_an_empty_folder_has_no_runs(call, tmp_path) -> None:
    assert call("list", tmp_path)[1] == f"There are no runs in '{tmp_path}'.\n"


def test_a_run_is_shown_by_folder_or_by_name(call, copy: PlanRun, monkeypatch) -> None:
    code, out, _ = call("show", copy.folder)
    assert code == 0
    assert "mine: finished, 100% done" in out
    assert copy.sites["cell_id"].iloc[0] in out
    monkeypatch.setenv("NETSPATIAL_RUNS", str(copy.folder.parent))
    record = json.loads(call("show", "mine", "--json")[1])
    assert record["manifest"]["facts"]["provenance"] == "generated"


def test_two_runs_are_compared(call, planned: PlanRun, copy: PlanRun) -> None:
    code, out, _ = call("compare", planned.folder, copy.folder)
    assert code == 0
    assert "3 of 3 sites are in both" in out
    record = json.loads(call("compare", planned.folder, copy.folder, "--json")[1])
    assert record["agreement"] == pytest.approx(1)
    assert record["asked"] == []


def test_a_run_is_exported(call, planned: PlanRun, tmp_path) -> None:
    code, out, _ = call("export", planned.folder, "--out", tmp_path / "s.csv", "--sites")
    assert (code, out) == (0, f"written to {tmp_path / 's.csv'}\n")
    assert pd.read_csv(tmp_path / "s.csv")["rank"].tolist() == [1, 2, 3]
    code, _, err = call("export", planned.folder, "--out", tmp_path / "s.docx")
    assert code == 2
    assert "has no known format" in err


@pytest.mark.parametrize("answer", [False, True])
def test_delete_asks_for_confirmation(call, copy: PlanRun, monkeypatch, answer) -> None:
    monkeypatch.setattr("typer.confirm", lambda _question: answer)
    code, out, _ = call("delete", copy.folder)
    assert copy.folder.exists() is not answer
    assert code == (0 if answer else 1)
    assert ("is deleted" if answer else "Nothing was deleted") in out


def test_delete_in_a_script_needs_yes(call, copy: PlanRun, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert call("delete", copy.folder)[0] == 1
    assert copy.folder.is_dir()
    assert call("delete", copy.folder, "--yes")[0] == 0
    assert list(copy.folder.parent.iterdir()) == []


@pytest.mark.parametrize("command", ["show", "resume", "cancel", "delete"])
def test_a_folder_that_is_not_a_run_is_refused(call, tmp_path, command) -> None:
    (tmp_path / "diary.txt").write_text("precious")
    more = ["--yes"] if command == "delete" else []
    code, _, err = call(command, tmp_path, *more)
    assert code == 2
    assert "is not a run" in err
    assert (tmp_path / "diary.txt").read_text() == "precious"


def test_a_waiting_run_is_cancelled(call, tmp_path) -> None:
    run = Run.create(tmp_path / "run", "plan", {})
    assert call("cancel", run.folder)[0] == 0
    assert run.progress().state == "cancelled"
