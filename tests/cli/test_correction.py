"""The learned correction from the command line: trained, used in `generate`, refused when wrong."""

import json
import shutil
from pathlib import Path

from netspatial.kriging.learned_correction import LearnedCorrection


def test_a_correction_is_trained_on_cities_and_used(call, small_city, tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(small_city.folder, tmp_path / "cities" / name)
    out = tmp_path / "correction"
    words = ["--out", out, "--held-out", 1, "--steps", 1, "--work", tmp_path / "work"]
    code, printed, _ = call("train-kriging-correction", tmp_path / "cities", *words)
    assert code == 0
    assert "over that of kriging alone" in printed
    assert LearnedCorrection.load(out).context_fingerprint
    assert "Trained on 1 cities" in (out / "card.md").read_text()
    area = tmp_path / "area.geojson"
    west, south, east, north = small_city.record.bounds
    x, y = (west + east) / 2, (south + north) / 2
    ring = [(x, y), (x + 0.003, y), (x + 0.003, y + 0.002), (x, y + 0.002), (x, y)]
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    words = ["--area", area, "--out", tmp_path / "x.nc", "--samples", 2, "--weeks", 1, "--json"]
    code, printed, error = call("generate", small_city.folder, *words, "--correction", out)
    assert code == 0, error
    assert 0 <= json.loads(printed)["correction_weight"] <= 1


def test_too_few_cities_are_refused(call, small_city, tmp_path: Path) -> None:
    words = ["--out", tmp_path / "correction", "--held-out", 1]
    code, _, error = call("train-kriging-correction", small_city.folder, *words)
    assert code == 2
    assert "at least 2 are needed" in error
