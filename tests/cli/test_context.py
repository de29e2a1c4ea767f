import json
import shutil
import sys

import geopandas as gpd
import numpy as np
import pytest

from netspatial.cli import main
from netspatial.context.context_file import read_context
from netspatial.context.embed import load_context
from netspatial.errors import BadInput


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("NETSPATIAL_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["netspatial", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return left.value.code or 0, out, err

    return call


@pytest.fixture
def cities(small_city, tmp_path):
    for name in ("one", "other"):
        shutil.copytree(small_city.folder, tmp_path / name)
    return tmp_path / "one", tmp_path / "other"


def train(run, one, other, out, *more):
    return run(
        "train-context",
        one,
        "--held-out",
        other,
        "--out",
        out,
        "--text",
        "hash",
        "--patch-m",
        320,
        "--d",
        16,
        "--epochs",
        1,
        "--places",
        40,
        *more,
    )


def test_a_context_is_trained_and_then_embeds_stations_and_cells(run, cities, tmp_path):
    code, out, _ = train(run, *cities, tmp_path / "model", "--json")
    assert code == 0
    assert json.loads(out)["places"] == 40
    card = (tmp_path / "model" / "card.md").read_text()
    assert "Tinytown" in card
    assert "CC0-1.0" in card
    assert not (tmp_path / ".model.training").exists()

    code, out, _ = run(
        "embed", cities[0], "--model", tmp_path / "model", "--out", tmp_path / "z.parquet", "--json"
    )
    assert code == 0
    assert json.loads(out)["places"] == 6
    context = read_context(tmp_path / "z.parquet")
    assert context.ids.tolist() == [f"s{number}" for number in range(6)]
    assert context.fingerprint == load_context(tmp_path / "model").fingerprint
    np.testing.assert_allclose(np.linalg.norm(context.embedding, axis=1), 1, rtol=1e-5)
    assert context.summary["pois"].dtype.kind == "i"

    grid = tmp_path / "cells.parquet"
    assert run("grid", "--city", cities[0], "--cell-m", 300, "--out", grid)[0] == 0
    code, out, _ = run(
        "embed",
        cities[0],
        "--model",
        tmp_path / "model",
        "--places",
        grid,
        "--out",
        tmp_path / "cells-z.parquet",
    )
    assert code == 0
    assert read_context(tmp_path / "cells-z.parquet").ids.tolist() == (
        gpd.read_parquet(grid)["cell_id"].tolist()
    )


def test_mistakes_end_with_one_sentence(run, cities, tmp_path):
    (tmp_path / "no.parquet").write_text("x")
    mistakes = {
        "both learned from and held out": train(run, cities[0], cities[0], tmp_path / "m"),
        "no text encoder 'poetry'": train(run, *cities, tmp_path / "m", "--text", "poetry"),
        "no design 'magic'": train(run, *cities, tmp_path / "m", "--design", "magic"),
        "no city folder": train(run, tmp_path / "none", cities[1], tmp_path / "m"),
        "holds no context model": run(
            "embed", cities[0], "--model", tmp_path / "m", "--out", tmp_path / "z.parquet"
        ),
        "not a GeoParquet file": run(
            "embed", cities[0], "--places", tmp_path / "no.parquet", "--out", tmp_path / "z.parquet"
        ),
    }
    for words, (code, _, error) in mistakes.items():
        assert code == 2, words
        assert words in error.strip().splitlines()[-1]
        assert "Traceback" not in error
    assert not (tmp_path / "z.parquet").exists()


def test_a_file_without_embeddings_is_refused(small_city):

    with pytest.raises(BadInput, match="does not hold context embeddings"):
        read_context(small_city.path("pois"))
