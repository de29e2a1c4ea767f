"""The command `netspatial validate`."""

import json
from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import validating
from netspatial.runs.kinds.validating import ValidateRequest
from tests.ui.validation_runs import write_made_up_validation


@pytest.fixture
def without_models(small_city: City, monkeypatch: pytest.MonkeyPatch) -> list[ValidateRequest]:
    """Requests of the command line; each gives the made-up validation."""
    asked: list[ValidateRequest] = []

    def submit(request: ValidateRequest, out: Path) -> Run:
        asked.append(request)
        return write_made_up_validation(small_city, out)

    monkeypatch.setattr("netspatial.cli.in_city.work", lambda _: None)
    monkeypatch.setattr(validating, "submit", submit)
    return asked


def test_scores_and_advice_are_printed_and_written(
    call, small_city: City, without_models: list[ValidateRequest], tmp_path: Path
) -> None:
    out, target = tmp_path / "run", tmp_path / "scores.json"
    options = ("--folds", 2, "--block-km", 0.5, "--support", "2,all", "--protocol", "coming")
    code, printed, _ = call("validate", small_city.folder, *options, "--out", out, "--json", target)
    assert code == 0
    said = " ".join(printed.split())
    assert "Use the measured stations: they lower the error (CRPS) by 20 %" in said
    assert "Rule, by the CRPS of spatial blocks" in said
    assert "same weeks, blocks, all stations" in said
    (request,) = without_models
    assert (request.folds, request.block_km, request.protocol) == (2, 0.5, "coming")
    assert request.support == (2, "all")
    record = json.loads(target.read_text())
    assert record["advice"]["verdict"] == "use measured"
    assert len(record["stations"]) == 2 * 2 * len(small_city.stations)


def test_a_finished_validation_is_shown_again(call, small_city: City, tmp_path: Path) -> None:
    run = write_made_up_validation(small_city, tmp_path / "run")
    code, printed, _ = call("runs", "show", run.folder)
    assert code == 0
    assert "Use the measured stations" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--folds", 5), "traffic of 6 stations; 5 folds need 10"),
        (("--folds", 2, "--support", "few"), "'few' is not a number of stations"),
        (("--folds", 2, "--support", "0"), "The support is 0 stations only"),
        (("--folds", 2, "--protocol", "next"), "There is no protocol 'next'"),
        (("--folds", 2, "--service", "video"), "has no service 'video'"),
    ],
)
def test_wrong_input_is_one_sentence(call, small_city: City, options, said: str) -> None:
    code, printed, error = call("validate", small_city.folder, *options)
    assert code == 2
    assert said in " ".join((printed + error).split())
