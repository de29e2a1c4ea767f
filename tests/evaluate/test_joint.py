"""The bench of joint samples has a row per model and setting, and is read again from its file."""

from pathlib import Path

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.evaluate.joint import score_joint
from netspatial.evaluate.joint_ensembles import JointData
from netspatial.evaluate.milan_city import milan_city
from netspatial.evaluate.realdata import real_folder
from netspatial.generate.dependence_training import CitySeries
from netspatial.generate.generator import Generator
from netspatial.randomness import stream
from tests.kriging.made_up_field import HOURS, made_up_level, made_up_places, made_up_series


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator.load()


def city(generator: Generator, n: int) -> JointData:
    places = made_up_places(n)
    width = generator.model.context_dim
    z = stream(0, "joint bench").standard_normal((n, width)).astype(np.float32)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    unknown = np.full((n, generator.model.relative_dim), np.nan, np.float32)
    series = CitySeries(
        made_up_series(made_up_level(places)).astype(np.float32),
        HOURS.astype(np.int64),
        np.concatenate([z, unknown], axis=1),
        np.column_stack([9.19 + places.xy[:, 0] / 78_000, 45.46 + places.xy[:, 1] / 111_195]),
        places.xy,
        tuple(f"s{at}" for at in range(n)),
    )
    return JointData("made up", series, places, "GB/h", same_unit=True)


def test_every_model_is_scored_in_both_settings(generator: Generator, tmp_path: Path) -> None:
    data, results = city(generator, 22), tmp_path / "joint.json"
    report = score_joint(data, generator, results=results)
    models = {"ours", "independent", "ours, permuted", "shuffle", "copula"}
    found = {(row.data, row.model) for row in report.rows}
    settings = {"made up, model alone", "made up, measured"}
    assert found == {(setting, model) for setting in settings for model in models}
    by_name = {(row.data, row.model): row.scores for row in report.rows}
    for setting in settings:
        single = by_name[setting, "ours"].crps
        for model in ("ours, permuted", "shuffle", "copula"):
            assert by_name[setting, model].crps == pytest.approx(single, rel=1e-5)
    record = report.record()["rows"][0]
    assert set(record) == {
        "data",
        "model",
        "energy_score",
        "variogram_score",
        "district_cov90_1h",
        "district_cov90_24h",
        "district_cov90_peak",
        "crps",
    }
    assert {one["model"] for one in report.correlation} == {
        "measured",
        "ours",
        "independent",
        "shuffle",
    }
    again = score_joint(data, generator, results=results)
    assert again.record() == report.record()


def test_a_city_of_a_few_stations_is_refused(generator: Generator) -> None:
    with pytest.raises(BadInput, match="two groups of ten"):
        score_joint(city(generator, 12), generator)


def test_milan_is_a_city_of_25_squares(tmp_path: Path) -> None:
    folder = real_folder()
    if folder is None or not (folder / "milan" / "milano-grid.geojson").is_file():
        pytest.skip("the Milan data are not beside the project")
    made = milan_city(folder, tmp_path / "milan")
    assert made.validate() == []
    metric = made.stations.to_crs(made.crs).geometry
    assert len(metric) == 25
    assert metric.x.max() - metric.x.min() == pytest.approx(4 * 235, abs=2)
    assert len(made.pois) > 100
    assert milan_city(folder, tmp_path / "milan").name == "milan"
