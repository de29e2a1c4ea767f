"""A reader sees the old or the new target, never half of either, even if the writer is killed."""

import errno
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from netspatial import disk
from netspatial.disk import (
    Mark,
    atomic_file,
    atomic_folder,
    claim_folder,
    remove_folder,
    settle,
    sweep,
)
from netspatial.errors import BadInput, Busy, CannotWrite

NAME = "city.json"
MARK = Mark(NAME, ("said",))

MORTAL = """
import os, signal, sys
from pathlib import Path
from netspatial import disk

target, fatal = Path(sys.argv[1]), int(sys.argv[2])
steps = 0

def mortal(owner, name):
    real = getattr(owner, name)
    def call(*args, **kwargs):
        global steps
        steps += 1
        if steps == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    setattr(owner, name, call)

for owner, names in (
    (Path, ("mkdir", "rename", "replace", "touch", "unlink", "write_text")),
    (os, ("open", "fsync", "rmdir", "unlink", "close")),
    (disk.shutil, ("rmtree",)),
):
    for name in names:
        mortal(owner, name)
"""
FOLDER = """
with disk.atomic_folder(target, disk.Mark("city.json", ("said",))) as draft:
    for name in ("city.json", "pois", "traffic"):
        (draft / name).write_text('{"said": "new"}')
"""
FILE = """
with disk.atomic_file(target) as draft:
    draft.write_text("new")
"""


def _write(target: Path, content: str) -> None:
    with atomic_folder(target, known_by=MARK) as draft:
        for name in (NAME, "pois", "traffic"):
            (draft / name).write_text(json.dumps({"said": content}))


def _contents(target: Path) -> list[str]:
    files = [(target / name).read_text() for name in (NAME, "pois", "traffic")]
    return [json.loads(text)["said"] for text in files]


def _python(code: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _outcome(process: "subprocess.Popen[bytes]") -> int:
    _, messages = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), messages.decode()
    return process.returncode


def test_a_kill_at_any_step_leaves_the_old_folder_or_the_new(tmp_path):
    target = tmp_path / "city"
    seen = []
    for step in itertools.count(1):
        _write(target, "old")
        ended = _outcome(_python(MORTAL + FOLDER, str(target), str(step))) == 0
        settle(target)
        seen.append(set(_contents(target)))
        assert len(seen[-1]) == 1
        if ended:
            break
    assert seen[0] == {"old"}
    assert seen[-1] == {"new"}
    assert seen.count({"old"}) > 5
    _write(target, "last")
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_a_kill_at_any_step_leaves_the_old_file_or_the_new(tmp_path):
    target = tmp_path / "cells.parquet"
    seen = []
    for step in itertools.count(1):
        target.write_text("old")
        ended = _outcome(_python(MORTAL + FILE, str(target), str(step))) == 0
        seen.append(target.read_text())
        if ended:
            break
    assert set(seen) == {"old", "new"}
    assert (seen[0], seen[-1]) == ("old", "new")


def test_an_error_at_any_step_leaves_the_old_folder_or_the_new(tmp_path, monkeypatch):
    target = tmp_path / "city"
    seen = []
    for fatal in itertools.count(1):
        _write(target, "old")
        count = itertools.count(1)
        with monkeypatch.context() as patched:
            for owner, name in ((Path, "mkdir"), (Path, "rename"), (disk, "flush")):
                patched.setattr(owner, name, _failing(getattr(owner, name), count, fatal))
            try:
                _write(target, "new")
                ended = next(count) <= fatal
            except ZeroDivisionError:
                ended = False
        settle(target)
        seen.append(set(_contents(target)))
        assert len(seen[-1]) == 1
        if ended:
            break
    assert seen[-1] == {"new"}
    assert seen.count({"old"}) > 3
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def _failing(real, count, fatal):
    def call(*arguments, **options):
        if next(count) == fatal:
            raise ZeroDivisionError
        return real(*arguments, **options)

    return call


def test_an_error_inside_the_block_changes_nothing(tmp_path):
    target = tmp_path / "city"
    _write(target, "old")

    def fail_halfway() -> None:
        with atomic_folder(target, known_by=MARK) as draft:
            (draft / NAME).write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert set(_contents(target)) == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_concurrent_writers_do_not_mix_their_files(tmp_path):
    target = tmp_path / "city"
    _write(target, "start")
    code = (
        "import json, sys\nfrom pathlib import Path\n"
        "from netspatial.disk import Mark, atomic_folder\n"
        "from netspatial.errors import Busy\ndone = 0\n"
        "while done < 15:\n"
        "    try:\n"
        "        with atomic_folder(Path(sys.argv[1]), Mark('city.json', ('said',))) as draft:\n"
        "            for name in ('city.json', 'pois', 'traffic'):\n"
        "                (draft / name).write_text(json.dumps({'said': sys.argv[2]}))\n"
        "        done += 1\n"
        "    except Busy:\n"
        "        pass\n"
    )
    writers = [_python(code, str(target), name) for name in ("one", "two", "three")]
    while any(writer.poll() is None for writer in writers):
        settle(target)
    assert [_outcome(writer) for writer in writers] == [0, 0, 0]
    assert len(set(_contents(target))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_a_second_writer_gets_a_busy_error(tmp_path):
    target = tmp_path / "city"
    with atomic_folder(target, known_by=MARK) as draft:
        (draft / NAME).write_text('{"said": "first"}')
        with pytest.raises(Busy, match="Another process is writing"):
            _write(target, "second")
    assert json.loads((target / NAME).read_text()) == {"said": "first"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_raises_an_error_and_changes_nothing(tmp_path, number):
    target = tmp_path / "city"
    _write(target, "old")

    def fill() -> None:
        with atomic_folder(target, known_by=MARK) as draft:
            (draft / NAME).write_text("half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(CannotWrite, match=r"city' was not written: the disk is full"):
        fill()
    assert set(_contents(target)) == {"old"}


def test_a_full_disk_is_detected_behind_a_library_error(tmp_path, monkeypatch):
    full = os.statvfs_result((4096, 4096, 1000, 0, 0, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)

    def fill() -> None:
        with atomic_file(tmp_path / "image.tif"):
            raise RuntimeError("TIFFAppendToStrip: Write error")

    with pytest.raises(CannotWrite, match="the disk is full"):
        fill()


def test_a_real_limit_on_the_size_of_files_raises_an_error(tmp_path):
    target = tmp_path / "city"
    _write(target, "old")
    code = (
        "import sys\nfrom pathlib import Path\nfrom netspatial.disk import Mark, atomic_folder\n"
        "with atomic_folder(Path(sys.argv[1]), Mark('city.json', ('said',))) as draft:\n"
        "    (draft / 'city.json').write_bytes(bytes(100_000))\n"
    )
    process = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, str(target)],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert b"it would outgrow the size limit of files here" in process.stderr
    assert set(_contents(target)) == {"old"}


def test_a_folder_of_another_kind_is_never_replaced(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "diary.txt").write_text("precious")
    with pytest.raises(BadInput, match=r"not a folder of NetSpatial's, known by its city\.json"):
        _write(home, "new")
    assert (home / "diary.txt").read_text() == "precious"
    with pytest.raises(BadInput, match=r"not a folder of NetSpatial's, known by its city\.json"):
        _write(home / "diary.txt", "new")


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "city").mkdir()
    _write(tmp_path / "city", "new")
    assert set(_contents(tmp_path / "city")) == {"new"}


def test_nothing_is_written_through_a_link(tmp_path):
    _write(tmp_path / "city", "old")
    (tmp_path / "file").write_text("old")
    for name in ("city", "file"):
        link = tmp_path / f"link-to-{name}"
        link.symlink_to(name)
        with pytest.raises(BadInput, match="link"):
            _write(link, "new")
        with pytest.raises(BadInput, match="is a link"), atomic_file(link) as draft:
            draft.write_text("new")
        assert link.is_symlink()
    assert set(_contents(tmp_path / "city")) == {"old"}
    assert (tmp_path / "file").read_text() == "old"


def test_a_device_and_a_pipe_are_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (Path(os.devnull), pipe):
        with pytest.raises(BadInput, match="is a device or a pipe"), atomic_file(target) as draft:
            draft.write_text("new")
        assert not target.is_file()
        assert target.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_becomes_a_link_during_writing_is_not_replaced(tmp_path):
    target = tmp_path / "plan.csv"

    def write() -> None:
        with atomic_file(target) as draft:
            draft.write_text("new")
            target.symlink_to("elsewhere")

    with pytest.raises(BadInput, match="is a link"):
        write()
    assert [path.name for path in tmp_path.iterdir()] == ["plan.csv"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"other": 1}', "[" * 100_000, "\0"])
def test_a_file_of_the_same_name_is_not_a_mark(tmp_path, content):
    foreign = tmp_path / "theirs"
    foreign.mkdir()
    (foreign / NAME).write_text(content)
    with pytest.raises(BadInput, match="not a folder of NetSpatial's"):
        _write(foreign, "new")
    with pytest.raises(BadInput, match="not a folder of NetSpatial's"):
        remove_folder(foreign, MARK)
    with pytest.raises(BadInput, match="not a folder of NetSpatial's"):
        claim_folder(foreign, MARK)
    assert (foreign / NAME).read_text() == content


def test_a_marked_folder_is_removed_and_a_link_to_it_is_not(tmp_path):
    _write(tmp_path / "city", "old")
    (tmp_path / "link").symlink_to("city")
    with pytest.raises(BadInput, match="not a folder of NetSpatial's"):
        remove_folder(tmp_path / "link", MARK)
    remove_folder(tmp_path / "city", MARK)
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_sweep_removes_leftovers_of_killed_writers_and_nothing_else(tmp_path):
    theirs = (".city.old", ".city.tmp", "city.netspatial-draft", ".bashrc")
    for name in (*theirs, ".plan.csv.netspatial-draft", ".plan.csv.netspatial-lock"):
        (tmp_path / name).write_text("")
    (tmp_path / ".city.netspatial-old").mkdir()
    (tmp_path / ".city.netspatial-old" / "pois").write_text("")
    with atomic_file(tmp_path / "now") as draft:
        sweep(tmp_path)
        draft.write_text("whole")
    assert (tmp_path / "now").read_text() == "whole"
    assert {path.name for path in tmp_path.iterdir()} == {*theirs, "now"}


def test_a_parent_that_is_a_file_raises_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    for write in (atomic_file, lambda target: atomic_folder(target, known_by=MARK)):
        with pytest.raises(CannotWrite, match="cannot be written"), write(tmp_path / "file" / "x"):
            pass


def test_a_half_deleted_folder_is_never_restored(tmp_path):
    target = tmp_path / "city"
    _write(target, "new")
    half = tmp_path / ".city.netspatial-old"
    half.mkdir()
    (half / NAME).write_text("old")
    for path in target.iterdir():
        path.unlink()
    target.rmdir()
    settle(target)
    assert not target.exists()


def test_settle_changes_nothing_without_an_interrupted_exchange(tmp_path):
    settle(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []
