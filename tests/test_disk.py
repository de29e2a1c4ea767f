"""A reader sees the old or the new one, never half of either, whatever strikes the writer."""

import errno
import itertools
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from netspatial import disk
from netspatial.disk import atomic_file, atomic_folder, settle
from netspatial.errors import BadInput, Busy, CannotWrite

MARK = "city.json"

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
with disk.atomic_folder(target, known_by="city.json") as draft:
    for name in ("city.json", "pois", "traffic"):
        (draft / name).write_text("new")
"""
FILE = """
with disk.atomic_file(target) as draft:
    draft.write_text("new")
"""


def _write(target: Path, content: str) -> None:
    with atomic_folder(target, known_by=MARK) as draft:
        for name in (MARK, "pois", "traffic"):
            (draft / name).write_text(content)


def _contents(target: Path) -> list[str]:
    return [(target / name).read_text() for name in (MARK, "pois", "traffic")]


def _python(code: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _outcome(process: "subprocess.Popen[bytes]") -> int:
    _, told = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), told.decode()
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
            for owner, name in ((Path, "mkdir"), (Path, "rename"), (disk, "_flush")):
                patched.setattr(owner, name, _striking(getattr(owner, name), count, fatal))
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


def _striking(real, count, fatal):
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
            (draft / MARK).write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert set(_contents(target)) == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_processes_that_write_at_once_take_turns(tmp_path):
    target = tmp_path / "city"
    _write(target, "start")
    code = (
        "import sys\nfrom pathlib import Path\nfrom netspatial.disk import atomic_folder\n"
        "from netspatial.errors import Busy\ndone = 0\n"
        "while done < 15:\n"
        "    try:\n"
        "        with atomic_folder(Path(sys.argv[1]), known_by='city.json') as draft:\n"
        "            for name in ('city.json', 'pois', 'traffic'):\n"
        "                (draft / name).write_text(sys.argv[2])\n"
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


def test_a_second_writer_is_told_that_the_first_is_busy(tmp_path):
    target = tmp_path / "city"
    with atomic_folder(target, known_by=MARK) as draft:
        (draft / MARK).write_text("first")
        with pytest.raises(Busy, match="Another process is writing"):
            _write(target, "second")
    assert (target / MARK).read_text() == "first"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_sentence_and_changes_nothing(tmp_path, number):
    target = tmp_path / "city"
    _write(target, "old")

    def fill() -> None:
        with atomic_folder(target, known_by=MARK) as draft:
            (draft / MARK).write_text("half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(CannotWrite, match=r"^The disk is full, so '.*city' was not written"):
        fill()
    assert set(_contents(target)) == {"old"}


def test_a_library_that_hides_a_full_disk_is_seen_through(tmp_path, monkeypatch):
    full = os.statvfs_result((4096, 4096, 1000, 0, 0, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)

    def fill() -> None:
        with atomic_file(tmp_path / "image.tif"):
            raise RuntimeError("TIFFAppendToStrip: Write error")

    with pytest.raises(CannotWrite, match="The disk is full"):
        fill()


def test_a_real_limit_on_the_size_of_files_is_met_plainly(tmp_path):
    target = tmp_path / "city"
    _write(target, "old")
    code = (
        "import sys\nfrom pathlib import Path\nfrom netspatial.disk import atomic_folder\n"
        "with atomic_folder(Path(sys.argv[1]), known_by='city.json') as draft:\n"
        "    (draft / 'city.json').write_bytes(bytes(100_000))\n"
    )
    process = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, str(target)],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert b"CannotWrite: The disk is full" in process.stderr
    assert set(_contents(target)) == {"old"}


def test_a_folder_of_another_kind_is_never_replaced(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "diary.txt").write_text("precious")
    with pytest.raises(BadInput, match=r"is not a folder with a city\.json"):
        _write(home, "new")
    assert (home / "diary.txt").read_text() == "precious"
    with pytest.raises(BadInput, match=r"is not a folder with a city\.json"):
        _write(home / "diary.txt", "new")


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "city").mkdir()
    _write(tmp_path / "city", "new")
    assert set(_contents(tmp_path / "city")) == {"new"}


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    _write(tmp_path / "city", "old")
    (tmp_path / "link").symlink_to("city")
    _write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert set(_contents(tmp_path / "city")) == {"new"}


def test_a_parent_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for write in (atomic_file, lambda target: atomic_folder(target, known_by=MARK)):
        with pytest.raises(CannotWrite, match="cannot be written"), write(tmp_path / "file" / "x"):
            pass


def test_what_was_half_deleted_is_never_put_back(tmp_path):
    target = tmp_path / "city"
    _write(target, "new")
    half = tmp_path / ".city.old"
    half.mkdir()
    (half / MARK).write_text("old")
    for path in target.iterdir():
        path.unlink()
    target.rmdir()
    settle(target)
    assert not target.exists()


def test_settle_looks_and_leaves_alone(tmp_path):
    settle(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []
