"""Workers execute runs in order in another process; the queue survives their death."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netspatial.errors import BadInput, Busy, MissingPart
from netspatial.runs.jobs import queue, worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.server_settings import server_settings
from tests.runs import toy

PATIENCE = 2000


@pytest.fixture
def runs(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """Yield a runs folder whose workers support toys; remaining workers are ended by their ids."""
    monkeypatch.setattr(worker, "COMMAND", toy.COMMAND)
    yield tmp_path
    for _, child in worker._CHILDREN:
        child.terminate()
        child.wait()
    worker._CHILDREN.clear()
    for pid in queue.workers(tmp_path):
        os.kill(pid, signal.SIGTERM)


def begin(runs: Path, name: str, **request: object) -> Run:
    return worker.start(Run.create(runs / name, "toy", request).folder)


def until(reached: Callable[[], bool]) -> None:
    """Wait for a state that other processes reach; fail after many attempts."""
    for _ in range(PATIENCE):
        if reached():
            return
        time.sleep(0.02)
    pytest.fail("the expected state was not reached")


def test_runs_are_executed_in_sequence_by_one_process(runs: Path) -> None:
    first = begin(runs, "first", n=2, hold=True)
    second = begin(runs, "second", n=2)
    until(lambda: first.progress().stage == "second")
    assert worker.attach(second.folder).ahead == 1
    assert worker.attach(first.folder).ahead is None
    first.path("go").touch()
    until(lambda: second.progress().over)
    assert first.progress().state == second.progress().state == "finished"
    assert first.manifest.facts["pid"] == second.manifest.facts["pid"] != os.getpid()
    until(lambda: queue.waiting(runs) == [])


def test_two_slots_execute_two_runs_in_parallel(runs: Path) -> None:
    both = [
        worker.start(Run.create(runs / name, "toy", {"n": 1, "hold": True}).folder, at_once=2)
        for name in "ab"
    ]
    until(lambda: all(run.progress().stage == "second" for run in both))
    assert len(queue.workers(runs)) == 2
    for run in both:
        run.path("go").touch()
    until(lambda: all(run.progress().over for run in both))


def test_a_crash_is_reported_with_its_reason_and_the_queue_continues(runs: Path) -> None:
    fatal = begin(runs, "fatal", n=3, die_at=1)
    behind = begin(runs, "behind", n=1)
    until(lambda: fatal.progress().over)
    progress = fatal.progress()
    assert progress.state == "interrupted"
    assert "the last thing it said" in progress.error
    until(lambda: worker.attach(behind.folder).progress.over)
    assert behind.progress().state == "finished"
    worker.start(fatal.folder)
    until(lambda: fatal.progress().over)
    assert fatal.progress().state == "finished"
    assert fatal.path("tries").read_text() == "first\n"


def test_user_and_internal_errors_are_reported_and_the_worker_continues(runs: Path) -> None:
    refused = begin(runs, "refused", n=3, refuse_at=1)
    broken = begin(runs, "broken", n=3, break_at=2)
    after = begin(runs, "after", n=1)
    until(lambda: after.progress().over)
    assert refused.progress().error == "The toy refuses as requested."
    assert broken.progress().error == "ZeroDivisionError during 'Counting': an internal error."
    assert "Traceback" in broken.path("worker.log").read_text()
    assert after.progress().state == "finished"
    assert len(worker._CHILDREN) == 1


def test_a_run_of_an_unknown_kind_fails_and_leaves_the_queue(runs: Path) -> None:
    run = worker.start(Run.create(runs / "odd", "dance", {}).folder)
    until(lambda: run.progress().over)
    assert "is of the unknown kind 'dance'" in run.progress().error
    until(lambda: queue.waiting(runs) == [])


def test_a_run_is_cancelled_from_outside(runs: Path) -> None:
    run = begin(runs, "long", n=1, hold=True)
    until(lambda: run.progress().stage == "second")
    run.cancel()
    until(lambda: run.progress().over)
    assert run.progress().state == "cancelled"


def test_a_run_deleted_while_waiting_is_skipped(runs: Path) -> None:
    run = Run.create(runs / "gone", "toy", {})
    queue.enter(run, server_settings())
    run.delete()
    assert queue.next_run(runs) is None
    assert queue.waiting(runs) == []


def test_an_idle_worker_exits(runs: Path) -> None:
    run = worker.start(Run.create(runs / "last", "toy", {"n": 1}).folder, idle_s=0.0)
    until(lambda: run.progress().over)
    until(lambda: queue.workers(runs) == [])
    assert [child.wait() for _, child in worker._CHILDREN] == [0]


def test_a_worker_is_warmed_up_before_the_first_run(runs: Path) -> None:
    for _ in range(2):
        worker.warm_up(runs)
    until((runs / "warm").exists)
    assert len(queue.workers(runs)) == 1
    run = begin(runs, "first", n=1)
    until(lambda: run.progress().over)
    assert [run.manifest.facts["pid"]] == [child.pid for _, child in worker._CHILDREN]


def test_starting_a_finished_run_changes_nothing(runs: Path) -> None:
    run = Run.create(runs / "done", "toy", {"n": 1})
    toy.work_on(run)
    before = run.path("progress.json").read_bytes()
    worker.start(run.folder)
    assert queue.waiting(runs) == []
    assert run.path("progress.json").read_bytes() == before


def test_a_worker_without_models_executes_runs_that_need_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> None:
        raise MissingPart("The encoder needs its weights.")

    monkeypatch.setattr("netspatial.runs.jobs.loaded_models.warm_generator", missing)
    worker.load_models()


def test_a_full_queue_refuses_a_run_and_nothing_is_left(runs: Path, monkeypatch) -> None:
    monkeypatch.setenv("NETSPATIAL_QUEUE_LENGTH", "2")
    first = begin(runs, "first", n=1, hold=True)
    second = begin(runs, "second", n=1)
    with pytest.raises(Busy, match="2 runs are waiting or running, the limit of this server"):
        begin(runs, "third", n=1)
    assert not (runs / "third").exists()
    worker.start(second.folder)  # it is queued already
    first.path("go").touch()
    until(lambda: second.progress().over)
    begin(runs, "third", n=1)


def test_one_person_has_a_share_of_the_queue_and_all_share_one_worker(
    runs: Path, monkeypatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_PERSON_SHARE", "1")
    held = begin(runs / "@ann", "plan", n=1, hold=True)
    with pytest.raises(Busy, match="1 of your runs are waiting or running"):
        begin(runs / "@ann", "more", n=1)
    assert not (runs / "@ann" / "more").exists()
    other = begin(runs / "@bob", "plan", n=1)
    assert queue.waiting(runs) == ["@ann.plan", "@bob.plan"]
    assert worker.attach(other.folder).ahead == 1
    until(lambda: held.progress().stage == "second")
    held.path("go").touch()
    until(lambda: other.progress().over)
    assert held.manifest.facts["pid"] == other.manifest.facts["pid"]
    assert not (runs / "@ann" / queue.QUEUE).exists()


def test_a_run_that_cannot_be_queued_again_keeps_its_state(runs: Path, monkeypatch) -> None:
    monkeypatch.setenv("NETSPATIAL_QUEUE_LENGTH", "1")
    cancelled = Run.create(runs / "cancelled", "toy", {})
    cancelled.cancel()
    held = begin(runs, "held", n=1, hold=True)
    with pytest.raises(Busy):
        worker.start(cancelled.folder)
    assert cancelled.progress().state == "cancelled"
    held.cancel()


LIMITS = {
    "JOB_MINUTES": ("60", r"about [\d,]+ minutes, and the limit per job is 60"),
    "JOB_DISK_MB": ("100", r"about [\d.]+ GB of disk, and the limit per job is 100 MB"),
    "JOB_MEMORY_MB": ("900", r"about [\d.]+ GB of memory, and the limit per job is 900 MB"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_job_beyond_the_server_limits_is_refused(runs: Path, monkeypatch, name: str) -> None:
    town = {"size_km": 60.0, "gsd_m": 1.0, "stations": 2000, "weeks": 4, "pois": 10_000}
    limit, said = LIMITS[name]
    monkeypatch.setenv(f"NETSPATIAL_{name}", limit)
    run = Run.create(runs / "big", "simulate", town)
    with pytest.raises(BadInput, match=said):
        worker.start(run.folder)
    assert not run.folder.exists()
