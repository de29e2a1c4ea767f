"""The attack of `bench robustness`: decided by seeds, tried in processes, judged rightly."""

import json
import pickle
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from typer.main import get_command

from netspatial.cli import app
from netspatial.evaluate.robustness.attempt import BUG, PRELOADED, Attempt
from netspatial.evaluate.robustness.bench import FULL, QUICK, chosen
from netspatial.evaluate.robustness.cases import BadInputCase, cases
from netspatial.evaluate.robustness.commands import COMMANDS
from netspatial.evaluate.robustness.hostile import AREA, HOSTILE, POIS, TRAFFIC
from netspatial.evaluate.robustness.kills import KILLED
from netspatial.evaluate.robustness.named import named_cases
from netspatial.evaluate.robustness.spoil import SPOILS, spoil
from netspatial.evaluate.robustness.uploads import UploadCase, read, uploads
from netspatial.evaluate.robustness.verdict import check_outputs, left_behind, look, told_wrong
from netspatial.randomness import stream


def shown(case: BadInputCase) -> tuple[str, tuple[str, ...]]:
    return case.name, case.words


def test_a_seed_decides_what_is_tried_and_another_tries_other_things() -> None:
    once, again, other = (list(map(shown, chosen(QUICK, seed))) for seed in (3, 3, 4))
    assert once == again
    assert once != other


def test_the_full_attack_is_as_large_as_it_is_said_to_be() -> None:
    assert len(chosen(FULL, 0)) >= 1000
    assert len(KILLED) * FULL.kills >= 60
    assert len(uploads(FULL.uploads)) >= 60
    assert len(HOSTILE) <= FULL.uploads
    assert FULL.generations >= 200


def test_every_case_has_a_name_of_its_own_and_goes_to_another_process() -> None:
    every = [*named_cases(), *cases(0, each=2, options=2)]
    assert len({case.name for case in every}) == len(every)
    assert [case.name for case in pickle.loads(pickle.dumps(every))] == [  # noqa: S301  our own
        case.name for case in every
    ]


def test_everything_that_is_spoilt_is_among_what_a_command_reads() -> None:
    for command in COMMANDS.values():
        for file in command.spoilt:
            assert any(file == need or file.startswith(f"{need}/") for need in command.needs)


@pytest.mark.parametrize("ending", sorted(SPOILS))
def test_the_same_seed_spoils_a_file_alike(ending: str, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        path = tmp_path / name / f"x{ending}"
        path.parent.mkdir()
        path.write_bytes(b'{"one": [1, 2], "two": "x,y"}\n' * 3)
        spoil(path, stream(5, ending))
        made.append(look(path.parent))
    assert made[0] == made[1]


def attempt(code: int | None, err: str = "", out: str = "") -> Attempt:
    return Attempt(code, out, err, 1.0, 10.0, 1.0)


TRACE = "Traceback (most recent call last):\n  File x\nKeyError: 'x'\n"


@pytest.mark.parametrize(
    ("tried", "fault"),
    [
        (attempt(0), None),
        (attempt(2, "Error: The file is empty; rows would be right.\n"), None),
        (attempt(2, "Error: no full stop\n"), "traceback"),
        (attempt(2), "traceback"),
        (attempt(0, TRACE), "traceback"),
        (attempt(2, f"{TRACE}Error: It is wrong.\n"), "traceback"),
        (attempt(BUG, "Bug: It failed.\n"), "traceback"),
        (attempt(1, "Error: It is wrong.\n"), "traceback"),
        (attempt(-11), "traceback"),
        (attempt(None), "hang"),
        (attempt(2, f"Error: {'long ' * 400}.\n"), "traceback"),
    ],
)
def test_only_success_or_one_sentence_with_exit_code_2_is_no_fault(tried, fault) -> None:
    assert list(told_wrong(tried)) == ([] if fault is None else [fault])


@pytest.mark.parametrize(
    ("after", "succeeded", "kept", "left"),
    [
        ({"a": "1"}, False, (), ""),
        ({"a": "1", "out.nc": "2"}, True, (), ""),
        ({"a": "1", "out.nc": "2"}, False, (), "new, changed or gone: out.nc"),
        ({"a": "2"}, False, (), "new, changed or gone: a"),
        ({}, True, (), "gone: a"),
        ({"a": "1", "run/progress.json": "2"}, False, ("run",), ""),
        ({"a": "1", "run/.x.tmp": "2"}, True, ("run",), "drafts: run/.x.tmp"),
        ({"a": "1", "run/.traffic-1.part": "2"}, False, ("run",), "drafts: run/.traffic-1.part"),
    ],
)
def test_a_failed_call_leaves_nothing_and_no_call_a_draft(after, succeeded, kept, left) -> None:
    assert left_behind({"a": "1"}, after, succeeded=succeeded, kept=kept) == left


def _series(path: Path, value: float) -> None:
    xr.Dataset({"total": ("time", [1.0, value])}).to_netcdf(path / "x.nc", engine="h5netcdf")


@pytest.mark.parametrize(
    ("write", "printed"),
    [
        (lambda path: _series(path, np.nan), "{}"),
        (lambda path: _series(path, np.inf), "{}"),
        (lambda _: None, '{"rmse": NaN}'),
        (lambda _: None, "no JSON"),
    ],
)
def test_what_is_not_finite_is_no_success(
    write: Callable[[Path], None], printed: str, tmp_path: Path
) -> None:
    check_outputs(tmp_path, ["--json"], '{"rmse": 1.0}', {})
    write(tmp_path)
    with pytest.raises(ValueError, match=r"finite|printed|Expecting"):
        check_outputs(tmp_path, ["--json"], printed, {})


def _known_options(words: tuple[str, ...]) -> set[str]:
    """The options of the command that these words call."""
    command = get_command(app)
    for word in words:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
    return {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("name", [*COMMANDS, *KILLED])
def test_the_attack_gives_only_options_that_the_commands_know(name: str) -> None:
    command = {**KILLED, **COMMANDS}[name]
    given = {word for word in command.argv if word.startswith("--")}
    assert given | set(command.options) <= _known_options(command.argv)


@pytest.mark.parametrize("module", PRELOADED)
def test_what_the_server_imports_is_there(module: str) -> None:
    assert find_spec(module) is not None


@pytest.mark.parametrize("purpose", [AREA, POIS, TRAFFIC])
def test_an_upload_is_read_as_the_app_reads_it(
    purpose: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "content").write_bytes(b"nothing to be read")
    read(UploadCase("x", purpose, "x.csv", 0, hostile=True), tmp_path, "9.1,45.4,9.3,45.5")
    told = json.loads(capsys.readouterr().out)
    assert told["read"] is False
    assert told["led"] is False
    assert told["why"].endswith(".")
