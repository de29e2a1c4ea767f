"""Stages run once, run again when their inputs change, and resume after a kill."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from netspatial.disk import atomic_file
from netspatial.errors import BadInput, Busy
from netspatial.runs.jobs.run import CANCEL, MANIFEST, PROGRESS, Cancelled, Run
from netspatial.runs.jobs.stages import Stage, run_stages, stage_keys
from netspatial.runs.kinds.registry import resume
from tests.runs.toy import work_on


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "one", "toy", {"n": 3})


def three(run: Run, log: list[str], reads: tuple[int, int, int] = (0, 0, 0)) -> list[Stage]:
    """Return stages a, b, c; each writes its name and input."""

    def stage(name: str, read: int) -> Stage:
        def work(progress):
            log.append(name)
            progress("", 0.0)
            with atomic_file(run.path(name)) as draft:
                draft.write_text(f"{name}{read}")
            return {name: read}

        return Stage(name, f"Doing {name}", read, (name,), work)

    return [stage(name, read) for name, read in zip("abc", reads, strict=True)]


def test_a_finished_stage_is_not_repeated(run: Run) -> None:
    log: list[str] = []
    for _ in range(2):
        run_stages(run, lambda: three(run, log))
    assert log == ["a", "b", "c"]
    assert run.progress().state == "finished"
    assert run.manifest.facts == {"a": 0, "b": 0, "c": 0}
    assert run.manifest.stages["b"].outputs == {"b": sha256(b"b0").hexdigest()}


def test_a_changed_input_repeats_its_stage_and_all_later_ones(run: Run) -> None:
    log: list[str] = []
    run_stages(run, lambda: three(run, log))
    run_stages(run, lambda: three(run, log, (0, 5, 0)))
    assert log == ["a", "b", "c", "b", "c"]
    assert run.path("b").read_text() == "b5"


DAMAGES = {
    "missing": lambda path: path.unlink(),
    "truncated": lambda path: path.write_text(""),
    "of the same size": lambda path: path.write_text("b9"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_output_is_written_again(run: Run, damage) -> None:
    log: list[str] = []
    run_stages(run, lambda: three(run, log))
    damage(run.path("b"))
    run_stages(run, lambda: three(run, log))
    assert log == ["a", "b", "c", "b", "c"]


def test_an_older_run_with_sizes_only_is_read_and_repeated(run: Run) -> None:
    log: list[str] = []
    run_stages(run, lambda: three(run, log))
    record = json.loads(run.path(MANIFEST).read_text())
    for stage in record["stages"].values():
        stage["outputs"] = dict.fromkeys(stage["outputs"], 2)
    run.path(MANIFEST).write_text(json.dumps(record))
    run_stages(run, lambda: three(run, log))
    assert log == [*"abc", *"abc"]


def test_leftovers_of_kills_are_removed_when_a_run_finishes(run: Run) -> None:
    left = (".a.netspatial-draft", ".manifest.json.netspatial-lock", ".traffic-1a2b.part")
    for name in left:
        run.path(name).write_text("")
    run_stages(run, lambda: three(run, []))
    assert {path.name for path in run.folder.iterdir()} == {"a", "b", "c", MANIFEST, PROGRESS}
    assert [path.name for path in run.folder.parent.iterdir()] == [run.name]


def test_a_key_depends_on_all_earlier_inputs(run: Run) -> None:
    plain = stage_keys(three(run, []))
    changed = stage_keys(three(run, [], (0, 1, 0)))
    assert plain["a"] == changed["a"]
    assert plain["b"] != changed["b"]
    assert plain["c"] != changed["c"]
    assert len(set(plain.values())) == 3


@pytest.mark.parametrize("fatal", ["a", "b", "c"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, BadInput, ZeroDivisionError])
def test_after_an_error_in_any_stage_it_resumes_there(run: Run, fatal: str, error) -> None:
    log: list[str] = []

    def struck() -> list[Stage]:
        stages = three(run, log)
        spot = "abc".index(fatal)

        def strike(_progress):
            raise error("hit")

        old = stages[spot]
        stages[spot] = Stage(old.name, old.title, old.reads, old.outputs, strike)
        return stages

    with pytest.raises(error):
        run_stages(run, struck)
    state = "interrupted" if error is KeyboardInterrupt else "failed"
    assert run.progress().state == state
    assert run.progress().error
    run_stages(run, lambda: three(run, log))
    assert log == ["a", "b", "c"]
    assert run.progress().state == "finished"


def test_a_cancelled_run_stops_at_the_next_step_and_can_be_resumed(run: Run) -> None:
    def cancel_soon(progress) -> None:
        if progress.stage == "second":
            run.path(CANCEL).touch()

    with pytest.raises(Cancelled):
        work_on(run, cancel_soon)
    assert run.progress().state == "cancelled"
    assert not run.path("second.txt").exists()
    work_on(run)
    assert run.path("second.txt").read_text() == "3"
    assert run.path("tries").read_text() == "first\n"


def test_progress_is_reported_for_every_stage_and_never_decreases(run: Run) -> None:
    reports = []
    work_on(run, reports.append)
    shares = [progress.share for progress in reports]
    assert shares == sorted(shares)
    assert [p.message for p in reports if p.stage_share == 0][:2] == ["Opening", "Writing one"]
    assert reports[-1].state == "finished"


def test_a_run_is_executed_by_one_process_at_a_time(run: Run, monkeypatch) -> None:
    monkeypatch.setattr("netspatial.runs.jobs.run.PATIENCE_S", 0.0)
    with run.locked(), pytest.raises(Busy):
        work_on(run)


def test_an_unknown_kind_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is of the unknown kind 'dance'; the kinds are plan"):
        resume(Run.create(tmp_path / "x", "dance", {}))
