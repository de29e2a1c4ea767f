from dataclasses import asdict, replace

import numpy as np
import pytest
import shapely

from netspatial.context.embed import load_context, make_extractor, save_context
from netspatial.context.features.extractor import FeatureConfig
from netspatial.context.features.places import positions
from netspatial.context.training.fusion_training import FusionTrainConfig, train
from netspatial.evaluate import corine
from netspatial.evaluate.context import QUICK, bench_context, mean_values
from netspatial.evaluate.input_ablation import with_fewer_pois, with_half_an_image
from netspatial.evaluate.landuse import fit_line, landuse_mix, r_squared, uses_of
from netspatial.evaluate.realdata import real_folder
from netspatial.evaluate.rows import ContextRow
from netspatial.randomness import stream

TINY = replace(QUICK, size_km=2.0, stations=12, pois=150, places=24, epochs=1)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETSPATIAL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def model(small_city, tmp_path):
    extractor = make_extractor(FeatureConfig(vision="rcf", text="hash", patch_m=320.0))
    places = stream(0, "places").uniform(0, 1500, (40, 2)) + small_city.imagery.bounds[:2]
    features = extractor.read(small_city, places)
    trained = train(features, features, FusionTrainConfig(d=16, epochs=1, batch=16))
    save_context(tmp_path / "model", trained, extractor, {}, "# for tests")
    return load_context(tmp_path / "model")


def test_the_mix_is_the_share_of_each_use_in_the_disc(small_city):
    left, bottom, _, _ = small_city.imagery.bounds
    uses = uses_of([small_city])
    assert uses == ["park", "residential", "water"]
    xy = np.array(
        [[left + 600, bottom + 500], [left + 1250, bottom + 1250], [left + 200, bottom + 700]]
    )
    mix = landuse_mix(small_city, xy, uses, radius_m=150.0)
    np.testing.assert_allclose(mix[:2], [[0, 1, 0], [1, 0, 0]], atol=1e-4)
    np.testing.assert_allclose(mix[2], [0, 0.5, 0.5], atol=0.01)


def test_a_ridge_regression_fits_a_linear_function():
    rng = stream(0, "line")
    x, weights = rng.normal(size=(300, 5)), rng.normal(size=(5, 2))
    y = x @ weights + 3
    line = fit_line(x, y, np.arange(300) % 5)
    assert r_squared(y, line.predict(x)) > 0.999
    assert fit_line(x, rng.normal(size=(300, 2)), np.arange(300) % 5).weights.std() < 0.1


def test_r_squared_is_one_for_the_truth_and_zero_for_the_mean():
    y = stream(0, "y").normal(size=(50, 3))
    assert r_squared(y, y) == 1.0
    assert r_squared(y, np.broadcast_to(y.mean(axis=0), y.shape)) == pytest.approx(0.0)


def test_ablated_copies_lack_the_stated_inputs(small_city, tmp_path):
    fewer = with_fewer_pois(small_city, tmp_path / "fewer", 0.5)
    none = with_fewer_pois(small_city, tmp_path / "none", 1.0)
    assert 0 < len(fewer.pois) < len(small_city.pois)
    assert len(none.pois) == 0
    half = with_half_an_image(small_city, tmp_path / "half")
    left, bottom, right, top = small_city.imagery.bounds
    view = half.imagery.view((left, bottom, right, top), small_city.crs, gsd_m=10)
    assert not view.valid[:, :74].any()
    assert view.valid[:, 76:].all()


def test_training_and_test_blocks_are_disjoint():
    block = stream(0, "block").integers(0, 20, 500)
    for seed in (0, 1):
        train_part, test = corine.split_by_block(block, 0.3, seed)
        assert not set(block[train_part]) & set(block[test])
        assert len(train_part) + len(test) == 500


def test_the_scene_of_ghent_is_labelled_by_land_cover(tmp_path):
    folder = real_folder()
    if folder is None:
        pytest.skip("the measured sets are not beside the project")
    scene = corine.eight_bit_scene(folder / "ghent", tmp_path / "scene.tif")
    assert scene.problems() == []
    cover = corine.read_land_cover(folder / "ghent", scene)
    counts = {cover.groups[label]: (cover.label == label).sum() for label in set(cover.label)}
    assert {"Agricultural areas", "Discontinuous urban fabric"} <= set(counts)
    assert min(counts.values()) >= corine.FEWEST
    centre = shapely.Point(cover.xy.mean(axis=0))
    assert centre.distance(shapely.Point(551_000, 5_656_000)) < 10_000


def test_the_bench_measures_every_task(model, monkeypatch):
    monkeypatch.setattr("netspatial.evaluate.context.real_folder", lambda _: None)
    rows = bench_context(size=TINY, model=model)
    assert {row.task for row in rows} == {"landuse", "degraded", "speed"}
    encoders = {row.encoder for row in rows if row.task == "landuse"}
    assert encoders == {
        "bundled fusion",
        "fusion, trained here",
        "unguarded loss (as published)",
        "CLIP-style alignment",
    }
    for row in rows:
        assert np.isfinite(row.value), row
        if row.metric.startswith("R2"):
            assert row.value <= 1
    assert set(asdict(rows[0])) == {"task", "encoder", "metric", "value", "seed"}


def test_means_are_over_the_seeds():
    rows = [
        ContextRow("a", "b", "c", 1.0, 0),
        ContextRow("a", "b", "c", 2.0, 1),
        ContextRow("a", "b", "d", 5.0, 0),
    ]
    assert mean_values(rows) == {("a", "b", "c"): (1.5, 2), ("a", "b", "d"): (5.0, 1)}


def test_positions_of_stations_are_those_of_the_city(small_city):
    xy = positions(small_city.stations, small_city.crs)
    left, bottom, _, _ = small_city.imagery.bounds
    np.testing.assert_allclose(xy[0] - (left, bottom), [250, 250], atol=1e-3)
