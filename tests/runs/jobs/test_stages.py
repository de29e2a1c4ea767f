"""Stages: done once, done again when what they read changes, and never half done."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from netspatial.disk import atomic_file
from netspatial.errors import BadInput, Busy
from netspatial.runs.jobs.run import CANCEL, MANIFEST, PROGRESS, Cancelled, Run
from netspatial.runs.jobs.stages import Stage, carry_out, stage_keys
from netspatial.runs.kinds.registry import resume
from tests.runs.toy import work_on


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "one", "toy", {"n": 3})


def three(run: Run, log: list[str], reads: tuple[int, int, int] = (0, 0, 0)) -> list[Stage]:
    """Stages a, b, c; each writes its own name and what it read."""

    def stage(name: str, read: int) -> Stage:
        def work(tell):
            log.append(name)
            tell(0, 1)
            with atomic_file(run.path(name)) as draft:
                draft.write_text(f"{name}{read}")
            return {name: read}

        return Stage(name, f"Doing {name}", read, (name,), work)

    return [stage(name, read) for name, read in zip("abc", reads, strict=True)]


def test_a_finished_stage_is_not_done_again(run: Run) -> None:
    log: list[str] = []
    for _ in range(2):
        carry_out(run, lambda: three(run, log))
    assert log == ["a", "b", "c"]
    assert run.progress().state == "finished"
    assert run.manifest.facts == {"a": 0, "b": 0, "c": 0}
    assert run.manifest.stages["b"].outputs == {"b": sha256(b"b0").hexdigest()}


def test_a_changed_input_redoes_its_stage_and_all_after_it(run: Run) -> None:
    log: list[str] = []
    carry_out(run, lambda: three(run, log))
    carry_out(run, lambda: three(run, log, (0, 5, 0)))
    assert log == ["a", "b", "c", "b", "c"]
    assert run.path("b").read_text() == "b5"


HARMS = {
    "lost": lambda path: path.unlink(),
    "cut": lambda path: path.write_text(""),
    "of the same size": lambda path: path.write_text("b9"),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_harmed_output_is_made_again(run: Run, harm) -> None:
    log: list[str] = []
    carry_out(run, lambda: three(run, log))
    harm(run.path("b"))
    carry_out(run, lambda: three(run, log))
    assert log == ["a", "b", "c", "b", "c"]


def test_a_run_whose_sizes_alone_were_kept_is_read_and_done_again(run: Run) -> None:
    log: list[str] = []
    carry_out(run, lambda: three(run, log))
    record = json.loads(run.path(MANIFEST).read_text())
    for stage in record["stages"].values():
        stage["outputs"] = dict.fromkeys(stage["outputs"], 2)
    run.path(MANIFEST).write_text(json.dumps(record))
    carry_out(run, lambda: three(run, log))
    assert log == [*"abc", *"abc"]


def test_what_kills_left_in_a_run_is_gone_when_it_is_finished(run: Run) -> None:
    left = (".a.netspatial-draft", ".manifest.json.netspatial-lock", ".traffic-1a2b.part")
    for name in left:
        run.path(name).write_text("")
    carry_out(run, lambda: three(run, []))
    assert {path.name for path in run.folder.iterdir()} == {"a", "b", "c", MANIFEST, PROGRESS}
    assert [path.name for path in run.folder.parent.iterdir()] == [run.name]


def test_a_key_depends_on_all_that_is_read_before(run: Run) -> None:
    plain = stage_keys(three(run, []))
    changed = stage_keys(three(run, [], (0, 1, 0)))
    assert plain["a"] == changed["a"]
    assert plain["b"] != changed["b"]
    assert plain["c"] != changed["c"]
    assert len(set(plain.values())) == 3


@pytest.mark.parametrize("fatal", ["a", "b", "c"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, BadInput, ZeroDivisionError])
def test_struck_at_any_stage_it_goes_on_from_there(run: Run, fatal: str, error) -> None:
    log: list[str] = []

    def struck() -> list[Stage]:
        stages = three(run, log)
        spot = "abc".index(fatal)

        def strike(_tell):
            raise error("hit")

        old = stages[spot]
        stages[spot] = Stage(old.name, old.title, old.reads, old.outputs, strike)
        return stages

    with pytest.raises(error):
        carry_out(run, struck)
    state = "interrupted" if error is KeyboardInterrupt else "failed"
    assert run.progress().state == state
    assert run.progress().error
    carry_out(run, lambda: three(run, log))
    assert log == ["a", "b", "c"]
    assert run.progress().state == "finished"


def test_a_cancelled_run_stops_at_the_next_step_and_may_go_on(run: Run) -> None:
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


def test_progress_is_heard_stage_by_stage_and_never_falls(run: Run) -> None:
    heard = []
    work_on(run, heard.append)
    shares = [progress.share for progress in heard]
    assert shares == sorted(shares)
    assert [p.message for p in heard if p.done == 0][:2] == ["Opening", "Writing one"]
    assert heard[-1].state == "finished"


def test_one_run_is_worked_on_once(run: Run, monkeypatch) -> None:
    monkeypatch.setattr("netspatial.runs.jobs.run.PATIENCE_S", 0.0)
    with run.locked(), pytest.raises(Busy):
        work_on(run)


def test_an_unknown_kind_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is of the kind 'dance'; known here are plan"):
        resume(Run.create(tmp_path / "x", "dance", {}))
