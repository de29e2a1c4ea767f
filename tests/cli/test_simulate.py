"""The commands `netspatial simulate` and `netspatial bench simulator`."""

import json
import sys

import pytest

from netspatial.city.city import City
from netspatial.cli import main
from netspatial.evaluate import simulator
from netspatial.evaluate.simulator import SimulatorReport, SimulatorRow
from netspatial.radio import raytraced

SMALL = ["--size-km=2", "--stations=8", "--pois=50", "--gsd-m=10", "--weeks=1"]


@pytest.fixture
def netspatial(monkeypatch, capsys):
    """Run the command line in this process: (exit code, standard output, standard error)."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["netspatial", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run


def test_a_city_from_one_command(netspatial, tmp_path):
    out = tmp_path / "city"
    code, printed, _ = netspatial("simulate", "--seed=3", *SMALL, f"--out={out}", "--json")
    record = json.loads(printed)
    assert (code, record["folder"], record["provenance"]) == (0, str(out), "simulated")
    assert City.open(out).validate() == []
    code, printed, _ = netspatial("simulate", "--seed=3", *SMALL, f"--out={out}", "--redraw=2")
    assert code == 0
    assert "All of it is simulated." in printed
    assert City.open(out).record.parameters["redraw"] == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--size-km=0.1"], "size_km is 0.1 km; between 1 and 60 km would be right."),
        (["--family=martian"], "'martian' is not one of 'train', 'unseen'"),
        (["--seed=many"], "Invalid value for '--seed'"),
        (["--stations=0"], "stations is 0; between 1 and 20000 would be right."),
    ],
)
def test_wrong_arguments_are_one_sentence_and_exit_code_2(netspatial, tmp_path, words, sentence):
    code, printed, said = netspatial("simulate", f"--out={tmp_path / 'city'}", *words)
    assert (code, printed) == (2, "")
    assert sentence in " ".join(said.split())
    assert "Traceback" not in said
    assert not (tmp_path / "city").exists()


def test_rays_that_cannot_be_traced_are_one_sentence(netspatial, monkeypatch, tmp_path):
    # another interpreter without Sionna RT
    program = "raise ModuleNotFoundError(\"No module named 'sionna'\")"
    command = (sys.executable, "-c", program)
    monkeypatch.setattr(raytraced.require_tracer, "__defaults__", (command, 60.0))
    out = tmp_path / "city"
    code, printed, said = netspatial("simulate", f"--out={out}", *SMALL, "--radio=raytraced")
    assert (code, printed) == (2, "")
    message = "Sionna RT is not installed; install it with pip install 'netspatial[radio]'."
    assert message in " ".join(said.split())
    assert not out.exists()


def test_the_bench_prints_a_table_and_writes_json(netspatial, monkeypatch, tmp_path):
    rows = [
        SimulatorRow("simulated-train", "cv", 0.5, 0.25, 0.65, "in range"),
        SimulatorRow("milan", "cv", 0.3),
        SimulatorRow(
            "simulated-train", "log_mean_sd", 0.8, 0.1, 0.5, "out of range: one quarter only"
        ),
    ]
    report = SimulatorReport(rows=rows, seconds=9.0, peak_mb=700.0)
    monkeypatch.setattr(simulator, "bench_simulator", lambda *_: report)
    code, printed, _ = netspatial("bench", "simulator", "--json", tmp_path / "bench.json")
    assert code == 0
    assert "0.500" in printed
    assert "log_mean_sd: one quarter only." in printed
    assert json.loads((tmp_path / "bench.json").read_text()) == report.record()


def test_the_bench_needs_the_folder_it_was_given(netspatial, tmp_path):
    code, _, said = netspatial("bench", "simulator", "--real", tmp_path / "nowhere")
    assert code == 2
    assert "There is no folder" in said
