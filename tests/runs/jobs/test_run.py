"""The folder of a run: atomic creation, one worker at a time, crash detection."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netspatial.errors import BadInput, Busy
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import LOG, MANIFEST, Run, list_runs, new_folder

HOLD = """
import sys, time
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run
run = Run.open(sys.argv[1])
with run.locked():
    run.write_progress(RunProgress(state="running", message="Counting", pid=1))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "runs" / "one", "toy", {"n": 3})


@pytest.fixture
def holder(run: Run):
    """Return another process that holds the lock of the run."""
    process = subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", HOLD, str(run.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdout.readline()
        yield process
        process.kill()


def test_the_request_is_read_back(run: Run) -> None:
    again = Run.open(run.folder)
    assert again.manifest.request == {"n": 3}
    assert again.manifest.kind == "toy"
    assert again.manifest.versions["numpy"][0].isdigit()
    assert again.progress().state == "waiting"


def test_a_run_is_never_overwritten(run: Run) -> None:
    with pytest.raises(BadInput, match="There is already a run in"):
        Run.create(run.folder, "toy", {"n": 4})
    assert Run.open(run.folder).manifest.request == {"n": 3}


def test_a_folder_that_is_not_a_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("precious")
    with pytest.raises(BadInput, match=r"is not a run: it has no manifest\.json"):
        Run.open(tmp_path)
    with pytest.raises(BadInput, match="does not exist"):
        Run.open(tmp_path / "none")
    with pytest.raises(BadInput, match="exists already"):
        Run.create(tmp_path, "toy", {})
    assert (tmp_path / "diary.txt").read_text() == "precious"


@pytest.mark.parametrize("content", ["", "{", '{"format": 2}', "[]"])
def test_a_damaged_manifest_is_one_sentence(run: Run, content: str) -> None:
    run.path("manifest.json").write_text(content)
    with pytest.raises(BadInput, match=r"cannot be read: '.*manifest\.json' is not valid"):
        Run.open(run.folder)


@pytest.mark.usefixtures("holder")
def test_a_second_worker_is_refused(run: Run) -> None:
    with pytest.raises(Busy, match="Another process executes the run 'one'"), run.locked(0.0):
        pass
    assert run.progress().state == "running"
    with pytest.raises(Busy):
        run.delete()
    assert run.folder.is_dir()


def test_a_dead_worker_leaves_an_interrupted_run_with_its_last_message(run: Run, holder) -> None:
    run.path(LOG).write_text("loading\nRuntimeError: out of luck.\n")
    holder.kill()
    holder.wait()
    progress = run.progress()
    assert progress.state == "interrupted"
    assert progress.over
    assert "'Counting' with the last message: RuntimeError: out of luck. Resume" in progress.error
    run.path(LOG).write_text("")
    assert "without an error message" in run.progress().error


@pytest.mark.usefixtures("holder")
def test_cancelling_a_running_run_leaves_a_request_for_its_worker(run: Run) -> None:
    run.cancel()
    assert run.path("cancel").exists()
    assert run.progress().state == "running"


def test_cancelling_a_waiting_run_takes_effect_at_once(run: Run) -> None:
    run.cancel()
    assert run.progress().state == "cancelled"
    run.set_waiting()
    assert run.progress().state == "waiting"


def test_deleting_leaves_nothing(run: Run) -> None:
    run.delete()
    assert list(run.folder.parent.iterdir()) == []


def test_deleting_removes_drafts_of_killed_writers_and_nothing_else(run: Run) -> None:
    runs = run.folder.parent
    (runs / ".two.netspatial-old").mkdir()
    (runs / ".two.old").mkdir()
    run.delete()
    assert [path.name for path in runs.iterdir()] == [".two.old"]


def test_a_folder_that_is_no_longer_a_run_is_not_deleted(run: Run) -> None:
    run.path(MANIFEST).write_text('{"name": "a web extension"}')
    run.path("diary.txt").write_text("precious")
    with pytest.raises(BadInput, match="not a folder of NetSpatial's"):
        run.delete()
    assert run.path("diary.txt").read_text() == "precious"


def test_runs_are_listed_newest_first_and_other_folders_skipped(tmp_path: Path) -> None:
    for day, name in enumerate(["b", "a", "c"], start=1):
        run = Run.create(tmp_path / name, "toy", {})
        manifest = json.loads(run.path("manifest.json").read_text())
        manifest["created"] = f"2026-01-0{day}T00:00:00Z"
        run.path("manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "manifest.json").write_text("{")
    (tmp_path / "other").mkdir()
    assert [run.name for run in list_runs(tmp_path)] == ["c", "a", "b"]
    assert list_runs(tmp_path / "none") == []


def test_a_new_folder_has_a_plain_name(tmp_path: Path) -> None:
    name = new_folder("plan", "../Sim City: 7", tmp_path).relative_to(tmp_path)
    assert len(name.parts) == 1
    assert str(name).startswith("plan-sim-city--7-")


def test_the_share_of_the_whole_grows_with_stages_and_within() -> None:
    assert RunProgress().share == 0
    assert RunProgress(state="running", number=2, of=4, stage_share=0.5).share == pytest.approx(
        0.375
    )
    assert RunProgress(state="finished").share == 1
