"""Errors on the command line: one sentence, an exit code, and a log for internal errors."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.cli import ending, runs
from netspatial.errors import LONGEST_SENTENCE, BadInput, printable


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of the log, in a temporary folder."""
    monkeypatch.setenv("NETSPATIAL_LOGS", str(tmp_path / "logs"))
    return tmp_path / "logs" / ending.LOG


def test_an_internal_error_is_a_sentence_with_its_stack_trace_in_the_log(call, monkeypatch, log):
    def fail(_: object) -> None:
        raise KeyError("a member")

    monkeypatch.setattr(runs, "_find", fail)
    code, out, err = call("runs", "show", "x")
    assert (code, out) == (ending.OURS, "")
    assert err.startswith("Bug: NetSpatial failed with KeyError: 'a member'.")
    assert str(log) in err.replace("\n", "")
    assert "Traceback" not in err
    written = log.read_text()
    assert "Traceback (most recent call last)" in written
    assert "runs show x" in written


def test_a_log_that_cannot_be_written_does_not_hide_the_error(call, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NETSPATIAL_LOGS", str(tmp_path / "file"))
    monkeypatch.setattr(runs, "_find", lambda _: 1 / 0)
    code, _, err = call("runs", "show", "x")
    assert code == ending.OURS
    assert "ZeroDivisionError" in err
    assert "could not be written" in err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BadInput("The area is empty."), 2, "BadInput: The area is empty."),
        (KeyboardInterrupt(), 130, "Stopped: "),
        (MemoryError("Unable to allocate 3. TiB"), 2, "Memory: There is not enough memory"),
        (OSError(errno.ELOOP, "Too many levels", "x"), 2, "File: 'x': Too many levels."),
        (RuntimeError("Symlink loop from '/x'"), 2, "File: Symlink loop from '/x'."),
    ],
)
def test_every_error_has_its_exit_code(error: BaseException, code: int, said: str, capsys) -> None:
    assert ending.end(error) == code
    assert capsys.readouterr().err.startswith(said)


def test_arguments_that_are_no_text_are_refused(call) -> None:
    code, _, err = call("city", "describe", "caf\udce9")
    assert code == 2
    assert err == "BadInput: The argument 'caf\\udce9' is not UTF-8 text.\n"


def test_markup_in_a_name_is_text(call) -> None:
    code, _, err = call("city", "describe", "[/]:smile:[bold]x[/bold]")
    assert code == 2
    assert "'[/]:smile:[bold]x[/bold]'" in err


def test_a_value_of_4000_characters_is_shortened(call) -> None:
    code, _, err = call("area", "--bbox", "9" * 4000)
    assert code == 2
    assert len(err) < 500
    assert err.endswith("give west,south,east,north in degrees.\n")


@given(st.text(st.characters(exclude_categories=())))
def test_a_sentence_is_one_line_of_limited_length(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= LONGEST_SENTENCE
    shown.encode()
    if text.isprintable() and len(text) < 300 and "  " not in text.strip():
        assert shown == text.strip()
