"""The command `netspatial plan`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import netspatial
from netspatial.cli import main
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import planning
from netspatial.runs.kinds.plan_result import PlanRun


@pytest.fixture
def call(monkeypatch) -> Callable[..., int]:
    """Run the command line in this process and return its exit code."""

    def run(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["netspatial", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


@pytest.fixture
def words(small_city, small_area, model_folder, tmp_path) -> list[object]:
    """Return the arguments of the plan in `planned`."""
    area = tmp_path / "area.geojson"
    area.write_text(json.dumps(small_area.to_geojson()))
    return [
        "plan",
        small_city.folder,
        "--area",
        area,
        "--model",
        model_folder,
        "--samples",
        3,
        "--weeks",
        1,
        "--sites",
        3,
        "--spacing-m",
        200,
    ]


@pytest.mark.usefixtures("plan_here")
def test_a_plan_is_printed_with_minimum_demand_rationale_and_report(
    call, capsys, words, tmp_path
) -> None:
    assert call(*words, "--out", tmp_path / "run") == 0
    said = capsys.readouterr().out
    sites = PlanRun.open(tmp_path / "run").sites
    for cell in sites["cell_id"]:
        assert cell in said
    assert "Minimum demand: mean of at least" in " ".join(said.split())
    assert f"Why {sites['cell_id'].iloc[0]}?" in said
    assert "Built, the sites take over" in " ".join(said.split())
    assert "All traffic is generated" in said
    assert str(tmp_path / "run" / "report.html") in said.replace("\n", "")


def test_the_command_line_and_python_make_the_same_request(
    call, capsys, words, planned: PlanRun
) -> None:
    assert call(*words, "--out", planned.folder, "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert [site["cell_id"] for site in plan["sites"]] == planned.sites["cell_id"].tolist()
    assert plan["demand_floor"]["removed"] > 0
    assert plan["site_change"]["totals"]["taken"]["mean"] > 0
    assert plan["provenance"] == "generated"
    assert Path(plan["report"]).is_file()


def test_settings_reach_the_plan(call, capsys, words, plan_here, planned, tmp_path) -> None:
    assert plan_here
    must, never = planned.cells.loc[planned.cells["status"] == "candidate", "cell_id"].iloc[:2]
    more = [
        "--utility",
        "blend",
        "--weight",
        "demand=2",
        "--weight",
        "lsi=1",
        "--risk",
        "0.2",
        "--method",
        "greedy",
        "--require",
        must,
        "--exclude",
        never,
        "--skip-mask",
        "edge",
        "--radius-m",
        300,
        "--min-demand",
        0,
        "--seed",
        5,
        "--start",
        "2026-03-02",
    ]
    assert call(*words, *more, "--out", tmp_path / "run", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    asked = PlanRun.open(tmp_path / "run").request
    assert asked.settings.weights == {"demand": 2.0, "lsi": 1.0}
    assert asked.settings.risk == 0.2
    assert asked.seed == 5
    assert "edge" not in asked.masks
    chosen = [site["cell_id"] for site in plan["sites"]]
    assert must in chosen
    assert never not in chosen


@pytest.mark.usefixtures("plan_here")
def test_an_interrupted_plan_prints_how_to_resume_and_resumes(
    call, capsys, words, tmp_path, monkeypatch
) -> None:
    record = Run.record_stage

    def strike(run: Run, name: str, *rest: object) -> None:
        record(run, name, *rest)
        if name == "context":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Run, "record_stage", strike)
        assert call(*words, "--out", tmp_path / "run") == 130
    assert f"`netspatial runs resume {tmp_path / 'run'}`" in capsys.readouterr().err
    assert call("runs", "resume", tmp_path / "run") == 0
    assert Run.open(tmp_path / "run").progress().state == "finished"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--sites", "5000"], "5000 sites are requested, but only"),
        (["--sites", "0"], "request at least one"),
        (["--utility", "beauty"], "no utility 'beauty'"),
        (["--method", "dice"], "no selection method 'dice'"),
        (["--risk", "bold"], "risk"),
        (["--skip-mask", "swamp"], "no mask 'swamp'"),
        (["--bbox", "1,2,3,4"], "exactly one of"),
        (["--require", "x"], "no cell 'x'"),
        (["--weight", "lsi=much", "--utility", "blend"], "weights"),
        (["--model", "nowhere"], "nowhere"),
        (["--weeks", "1000000"], "weeks: Input should be less than or equal to 520"),
        (["--samples", "100000000"], "samples: Input should be less than or equal to 10000"),
        (["--samples", "10000", "--weeks", "520", "--cell-m", "10"], "This would need about"),
    ],
)
@pytest.mark.usefixtures("plan_here")
def test_mistakes_end_with_one_sentence(call, capsys, words, tmp_path, more, sentence) -> None:
    assert call(*words, *more, "--out", tmp_path / "run") == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    if (tmp_path / "run").exists():  # the model is opened by the run itself
        assert Run.open(tmp_path / "run").progress().state == "failed"


def test_an_area_outside_the_city_writes_nothing(call, capsys, small_city, tmp_path) -> None:
    asked = ("--around", "2,48", "--side-m", 500, "--out", tmp_path / "run")
    assert call("plan", small_city.folder, *asked) == 2
    assert "outside the city's imagery" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_kind_is_never_written_to(call, capsys, words, tmp_path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "diary.txt").write_text("precious")
    assert call(*words, "--out", tmp_path / "home") == 2
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["diary.txt"]


def test_a_run_executed_elsewhere_is_busy(call, capsys, words, planned, tmp_path) -> None:
    run = Run(tmp_path / "run")
    shutil.copytree(planned.folder, run.folder)
    with run.locked():
        run.write_progress(RunProgress(state="running"))
        assert call(*words, "--out", run.folder) == 2
    assert "Another process executes the run 'run'" in capsys.readouterr().err


def test_the_package_exports_plan_sites() -> None:
    assert netspatial.plan_sites is planning.plan_sites
    with pytest.raises(AttributeError, match="has no attribute 'build_sites'"):
        _ = netspatial.build_sites


def test_the_package_and_the_command_line_import_no_heavy_library() -> None:
    code = (
        "import sys, netspatial.cli; assert not {'torch', 'geopandas', 'xarray'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  our own words
