"""The commands `generate`, `train` and `finetune`."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from netspatial.area import Area
from netspatial.cli import main
from netspatial.cli.generate import city_folders
from netspatial.generate.generator import write_traffic
from netspatial.grid import make_grid
from tests.generate.made_up_stations import made_up_stations


def call(monkeypatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["netspatial", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.fixture
def stations(tmp_path: Path) -> Path:
    data = made_up_stations(24, weeks=2)
    np.savez(tmp_path / "stations.npz", traffic=data.x, embedding=data.context)
    return tmp_path / "stations.npz"


def test_a_model_is_trained_and_adapted(monkeypatch, capsys, tmp_path, stations) -> None:
    words = ("train", "--preset", "few", "--steps", 2, "--data", stations, "--json")
    assert call(monkeypatch, *words, "--out", tmp_path / "model") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["stations"] == 24
    assert (tmp_path / "model" / "card.md").is_file()
    words = ("finetune", "--model", tmp_path / "model", "--data", stations, "--steps", 2)
    assert call(monkeypatch, *words, "--out", tmp_path / "own") == 0
    assert "held-out CRPS" in capsys.readouterr().out


@pytest.mark.parametrize(("first", "then", "note"), [(2, 1, "One week"), (1, 2, "single weeks")])
def test_a_model_is_fine_tuned_on_histories_of_another_length(
    monkeypatch, capsys, tmp_path: Path, first: int, then: int, note: str
) -> None:
    for weeks in (first, then):
        data = made_up_stations(24, weeks=weeks)
        np.savez(tmp_path / f"{weeks}.npz", traffic=data.x, embedding=data.context)
    words = ("--data", tmp_path / f"{first}.npz", "--preset", "few", "--steps", 2)
    assert call(monkeypatch, "train", *words, "--out", tmp_path / "model") == 0
    words = ("--data", tmp_path / f"{then}.npz", "--model", tmp_path / "model", "--steps", 2)
    assert call(monkeypatch, "finetune", *words, "--out", tmp_path / "own") == 0
    assert note in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--weeks", 1_000_000), "1000000 weeks were asked for; 1 to 520 would be right"),
        (("--samples", 100_000_000), "This would need about"),
    ],
)
def test_huge_options_are_refused_before_sampling(
    monkeypatch, capsys, tmp_path, small_city, words, sentence
) -> None:
    west, south, east, north = small_city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, 300)
    (tmp_path / "area.geojson").write_text(json.dumps(area.to_geojson()))
    out = tmp_path / "traffic.nc"
    where = ("--area", tmp_path / "area.geojson", "--out", out)
    monkeypatch.setattr("netspatial.context.embed.load_context", None)
    assert call(monkeypatch, "generate", small_city.folder, *where, *words) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "--out", "m"], "Give either --cities"),
        (["train", "--out", "m", "--data", "none.npz"], "none.npz"),
        (["train", "--out", "m", "--preset", "huge", "--data", "x"], "no preset 'huge'"),
        (["train", "--out", "m", "--device", "cuda:0", "--data", "x"], "no CUDA device here"),
        (["finetune", "--out", "m", "--model", "nowhere", "--data", "x"], "'nowhere'"),
        (["generate", "nowhere", "--area", "a", "--out", "o"], "no city folder 'nowhere'"),
    ],
)
def test_mistakes_end_with_one_sentence(monkeypatch, capsys, tmp_path, words, sentence) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_several_processes_train_one_model(tmp_path: Path, stations: Path) -> None:
    words = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    program = "import sys; from netspatial.cli import main; main()"
    script = tmp_path / "run.py"
    script.write_text(program)
    arguments = ["train", "--preset", "few", "--steps", "2", "--data", str(stations)]
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, *words, str(script), *arguments, "--out", str(tmp_path / "model")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "model" / "weights.safetensors").is_file()
    assert not list(tmp_path.glob("*.training"))


@pytest.fixture
def area_file(small_city, tmp_path: Path) -> Path:
    west, south, east, north = small_city.record.bounds
    x, y = (west + east) / 2, (south + north) / 2
    ring = [(x, y), (x + 0.003, y), (x + 0.003, y + 0.002), (x, y + 0.002), (x, y)]
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    return path


def test_a_folder_without_a_model_is_refused(monkeypatch, capsys, small_city, area_file) -> None:
    words = ("generate", small_city.folder, "--area", area_file, "--out", "o.nc")
    assert call(monkeypatch, *words, "--model", area_file.parent / "none") == 2
    assert "holds no generator model" in capsys.readouterr().err


def test_written_traffic_carries_places_and_provenance(small_city, tmp_path: Path) -> None:
    west, south, east, north = small_city.record.bounds
    cells = make_grid(Area.from_bounds(west, south, east, north), 500.0)
    traffic = xr.DataArray(
        np.ones((len(cells), 2, 168), np.float32),
        dims=("cell", "sample", "time"),
        coords={"cell": cells["cell_id"].to_numpy()},
        name="traffic",
        attrs={"provenance": "generated", "units": "GB/h"},
    )
    write_traffic(traffic, cells, ["somebody"], tmp_path / "t.nc")
    with xr.open_dataarray(tmp_path / "t.nc", engine="h5netcdf") as again:
        assert again.attrs["provenance"] == "generated"
        assert again.attrs["attribution"] == "somebody"
        assert float(again["lon"].mean()) == pytest.approx((west + east) / 2, abs=0.01)


def test_a_folder_of_cities_stands_for_the_cities_in_it(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "city.json").touch()
    assert city_folders(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert city_folders(tmp_path / "a") == [tmp_path / "a"]
    assert city_folders(tmp_path / "none") == [tmp_path / "none"]
