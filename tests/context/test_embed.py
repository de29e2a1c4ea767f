from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from netspatial.area import Area
from netspatial.city.city import City, write_city
from netspatial.context import embed as embedding
from netspatial.context.embed import ContextModel, load_context, make_extractor, save_context
from netspatial.context.features import city_relative
from netspatial.context.features.categories import KIND_NAMES
from netspatial.context.features.extractor import FeatureConfig, Features
from netspatial.context.features.image_embedding import PatchLattice
from netspatial.context.features.places import positions
from netspatial.context.training.fusion_training import FusionTrainConfig, train
from netspatial.errors import BadInput, MissingPart, NetSpatialError
from netspatial.grid import make_grid
from netspatial.randomness import stream
from netspatial.weights import load_weights

READING = FeatureConfig(vision="rcf", text="hash", patch_m=320.0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("NETSPATIAL_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def folder(small_city, tmp_path_factory):
    """A context trained for one epoch on the synthetic city and saved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETSPATIAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        extractor = make_extractor(READING)
        features = extractor.read(small_city, positions(cells(small_city), small_city.crs))
        trained = train(features, features, FusionTrainConfig(d=16, epochs=1, batch=64))
    path = tmp_path_factory.mktemp("context") / "model"
    save_context(path, trained, extractor, {"cities": ["Tinytown"]}, "# A context for tests")
    return path


@pytest.fixture
def model(folder):
    return load_context(folder)


def cells(city, cell_m=150.0):
    return make_grid(Area.from_bounds(*city.record.bounds), cell_m, city.crs)


def with_first(places, geometry):
    return places.assign(geometry=[geometry, *places.geometry[1:]])


def without(city, tmp_path, *parts, pois=None, imagery=None):
    """Return a copy of a city without some parts, or with other POIs or another image."""
    with write_city(tmp_path / "copy", city.record) as draft:
        if "pois" not in parts:
            draft.write_pois(city.pois if pois is None else pois)
        if "imagery" not in parts:
            draft.imagery_path.write_bytes(
                city.path("imagery").read_bytes() if imagery is None else imagery
            )
        draft.write_stations(city.stations)
    return City.open(tmp_path / "copy")


def test_each_place_gets_a_unit_vector_and_a_summary(small_city, model):
    places = cells(small_city)
    context = model.embed(small_city, places)
    assert context.embedding.shape == (len(places), 16)
    assert context.embedding.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(context.embedding, axis=1), 1, rtol=1e-5)
    assert context.ids.tolist() == places["cell_id"].tolist()
    assert context.summary.index.tolist() == places["cell_id"].tolist()
    assert context.fingerprint == model.fingerprint
    metres = small_city.pois.to_crs(small_city.crs).geometry
    for count, x, y in zip(context.summary["pois"], places["x"], places["y"], strict=True):
        assert count == (metres.distance(shapely.Point(x, y)) <= READING.radius_m).sum()
    np.testing.assert_array_equal(context.has_pois, context.summary["pois"] > 0)
    assert (context.summary[list(KIND_NAMES)].sum(axis=1) == context.summary["pois"]).all()


def test_an_embedding_does_not_depend_on_order_or_other_places(small_city, model):
    places = cells(small_city)
    together = model.embed(small_city, places).embedding
    order = stream(0, "order").permutation(len(places))
    np.testing.assert_allclose(
        model.embed(small_city, places.iloc[order]).embedding, together[order], atol=1e-6
    )
    alone = [
        model.embed(small_city, places.iloc[[row]]).embedding[0]
        for row in range(0, len(places), 17)
    ]
    np.testing.assert_allclose(alone, together[::17], atol=1e-6)


def test_cold_and_warm_cache_agree_and_the_warm_one_encodes_nothing(small_city, folder):
    cold_model, warm_model = load_context(folder), load_context(folder)
    places = cells(small_city)
    cold = cold_model.embed(small_city, places)

    class NeverCalled:
        def __init__(self, encoder):
            self.dim, self.fingerprint = encoder.dim, encoder.fingerprint
            self.gsd_m = getattr(encoder, "gsd_m", None)

        def encode(self, _):
            raise AssertionError

    extractor = warm_model.extractor
    warm_model.__dict__["extractor"] = replace(
        extractor, vision=NeverCalled(extractor.vision), text=NeverCalled(extractor.text)
    )
    np.testing.assert_array_equal(warm_model.embed(small_city, places).embedding, cold.embedding)


def test_stations_and_lonlat_points_are_places_too(small_city, model):
    context = model.embed(small_city, small_city.stations)
    assert context.ids.tolist() == small_city.stations["station_id"].tolist()
    in_metres = model.embed(small_city, small_city.stations.to_crs(small_city.crs))
    np.testing.assert_allclose(context.embedding, in_metres.embedding, atol=1e-5)


def test_no_places_give_an_empty_context(small_city, model):
    assert model.embed(small_city, cells(small_city).iloc[:0]).embedding.shape == (0, 16)


def test_missing_modalities_use_their_mask_tokens(small_city, model, tmp_path):
    places = cells(small_city)
    no_image = model.embed(without(small_city, tmp_path / "a", "imagery"), places)
    no_pois = model.embed(without(small_city, tmp_path / "b", "pois"), places)
    assert not no_image.has_image.any()
    assert not no_pois.has_pois.any()
    empty = ~no_image.has_pois
    assert empty.sum() > 1
    np.testing.assert_array_equal(
        no_image.embedding[empty], np.broadcast_to(no_image.embedding[empty][0], (empty.sum(), 16))
    )
    both = model.embed(small_city, places)
    np.testing.assert_allclose(no_pois.embedding[empty], both.embedding[empty], atol=1e-6)


def test_places_beyond_the_image_have_none(small_city, model):
    far = small_city.stations.to_crs(small_city.crs)
    far["geometry"] = far.geometry.translate(50_000, 0)
    context = model.embed(small_city, far)
    assert not context.has_image.any()
    assert (context.summary["image_share"] == 0).all()


def test_a_city_without_imagery_and_pois_is_refused(small_city, model, tmp_path):
    with pytest.raises(MissingPart, match="neither imagery nor pois"):
        model.embed(without(small_city, tmp_path, "imagery", "pois"), cells(small_city))


def test_nodata_is_filled_with_the_mean_colour_or_counts_as_missing(small_city, model, tmp_path):
    """Western half nodata: the west has no image, the seam keeps one, the east is unchanged."""
    with rasterio.open(small_city.path("imagery")) as image:
        rgb, profile = image.read(), image.profile
    rgb[:, :, :75] = 0
    profile.update(nodata=0)
    path = tmp_path / "half.tif"
    with rasterio.open(path, "w", **profile) as image:
        image.write(rgb)
    half = without(small_city, tmp_path, imagery=path.read_bytes())
    places = cells(small_city)
    before, after = model.embed(small_city, places), model.embed(half, places)
    middle = small_city.imagery.bounds[0] + 750
    east = (places["x"] > middle + 200).to_numpy()
    west = (places["x"] < middle - 200).to_numpy()
    np.testing.assert_allclose(after.embedding[east], before.embedding[east], atol=1e-5)
    assert not after.has_image[west].any()
    seam = after.has_image & (after.summary["image_share"] < 0.9).to_numpy() & ~west & ~east
    assert seam.any()


def test_any_resolution_and_crs_is_resampled_to_the_encoder(small_city, model, tmp_path):
    """The same image at 5 m has nearly the same embedding as at 10 m."""
    with rasterio.open(small_city.path("imagery")) as image:
        rgb, profile = image.read(), image.profile
    fine = rgb.repeat(2, axis=1).repeat(2, axis=2)
    west, south, east, north = small_city.imagery.bounds
    profile.update(width=300, height=300, transform=from_origin(west, north, 5, 5))
    path = tmp_path / "fine.tif"
    with rasterio.open(path, "w", **profile) as image:
        image.write(fine)
    places = cells(small_city)
    inside = places["x"].between(west + 250, east - 250) & places["y"].between(
        south + 250, north - 250
    )
    places = places[inside]
    finer = model.embed(without(small_city, tmp_path, imagery=path.read_bytes()), places)
    np.testing.assert_allclose(
        finer.embedding, model.embed(small_city, places).embedding, atol=0.02
    )


def test_patches_are_aligned_to_the_lattice_and_grouped_by_block():
    lattice = PatchLattice(side_m=640.0, gsd_m=10.0)
    xy = stream(0, "xy").uniform(0, 20_000, (500, 2))
    centre = (lattice.corners(xy) + lattice.side_px / 2) * 10
    assert np.abs(centre - xy).max() <= 5 + 1e-9
    blocks = list(lattice.blocks(xy))
    assert sorted(np.concatenate(blocks)) == list(range(500))
    for rows in blocks:
        assert len(np.unique(lattice.corners(xy[rows]) // 512, axis=0)) == 1


def test_features_are_in_the_order_of_the_places(small_city):
    extractor = make_extractor(READING)
    xy = positions(cells(small_city), small_city.crs)
    order = stream(0, "order").permutation(len(xy))
    one, other = extractor.read(small_city, xy), extractor.read(small_city, xy[order])
    np.testing.assert_array_equal(one.image[order], other.image)
    np.testing.assert_array_equal(one.tally[order], other.tally)
    assert isinstance(one, Features)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda g: g.set_crs(None, allow_override=True), "coordinate system"),
        (
            lambda g: g.assign(geometry=[shapely.Point(np.nan, 1.0), *g.geometry[1:]]),
            "first in row 0",
        ),
        (lambda g: g.assign(geometry=[None, *g.geometry[1:]]), "no geometry, the first in row 0"),
    ],
)
def test_bad_places_are_refused(small_city, model, spoil, words):
    with pytest.raises(BadInput, match=words):
        model.embed(small_city, spoil(small_city.stations.to_crs(small_city.crs)))


def test_imagery_without_a_crs_is_refused(small_city, model, tmp_path):
    path = tmp_path / "bare.tif"
    with rasterio.open(small_city.path("imagery")) as image:
        rgb = image.read()
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=150,
        height=150,
        count=3,
        dtype="uint8",
        transform=from_origin(0, 0, 10, 10),
        photometric="RGB",
    ) as image:
        image.write(rgb)
    city = without(small_city, tmp_path, imagery=path.read_bytes())
    with pytest.raises(BadInput, match="no coordinate system"):
        model.embed(city, small_city.stations)


def test_pois_without_names_are_refused(small_city, model, tmp_path):
    city = without(small_city, tmp_path, pois=small_city.pois.drop(columns="name"))
    with pytest.raises(BadInput, match="no column 'name'"):
        model.embed(city, small_city.stations)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"patch_m": 0}, "greater than zero"),
        ({"at_most": 0}, "greater than zero"),
        ({"wording": "poetry"}, "no wording 'poetry' of POIs; the known ones are coarse, verb"),
        ({"rings_m": (300.0, 100.0)}, "from small to large"),
    ],
)
def test_impossible_feature_settings_are_refused(settings, words):
    with pytest.raises(BadInput, match=words):
        FeatureConfig(**settings)


def test_weights_of_another_hash_are_refused(folder, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    weights = bytearray((copy / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "weights.safetensors").write_bytes(weights)
    with pytest.raises(BadInput, match="does not have the SHA-256"):
        load_context(copy)


def test_another_encoder_than_in_training_is_refused(folder, small_city):
    weights = load_weights(folder, embedding.KIND)
    text = {**weights.config["encoders"]["text"], "fingerprint": "other"}
    config = {**weights.config, "encoders": {**weights.config["encoders"], "text": text}}
    model = ContextModel(replace(weights, config=config), "this model")
    with pytest.raises(BadInput, match="trained on the text encoder 'hash'"):
        model.embed(small_city, small_city.stations)


def test_weights_of_another_shape_are_refused(folder):
    weights = load_weights(folder, embedding.KIND)
    config = {**weights.config, "shape": {**weights.config["shape"], "d": 32}}
    with pytest.raises(BadInput, match=r"has shape \(16,\), and its config calls for \(32,\)"):
        _ = ContextModel(replace(weights, config=config), "this model").network


@pytest.mark.parametrize("missing", ["weights.safetensors", "config.json"])
def test_an_incomplete_folder_is_refused(folder, tmp_path, missing):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        if file.name != missing:
            (copy / file.name).write_bytes(file.read_bytes())
    with pytest.raises(NetSpatialError, match=missing):
        load_context(copy)


def test_another_kind_of_model_is_refused(folder):
    with pytest.raises(BadInput, match="kind 'context', and 'generator' is needed"):
        load_weights(folder, "generator")


def test_three_hundred_thousand_pois_in_one_radius_are_handled(small_city, model, tmp_path):
    count = 300_000
    one = small_city.stations.geometry.iloc[0]
    jitter = stream(0, "crowd").normal(0, 2e-4, (count, 2))
    pois = gpd.GeoDataFrame(
        {"name": "x", "category": np.resize(["cafe", "bank", "school"], count)},
        geometry=shapely.points(jitter + np.array([one.x, one.y])),
        crs="EPSG:4326",
    )
    context = model.embed(without(small_city, tmp_path, pois=pois), small_city.stations.iloc[:1])
    assert context.summary["pois"].iloc[0] == count
    assert np.isfinite(context.embedding).all()


def test_the_reference_of_a_city_is_cached_until_its_files_change(own_city, folder):
    model, places = load_context(folder), cells(own_city)
    counts = []
    original = ContextModel._z
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            ContextModel, "_z", lambda *given: counts.append(len(given[2])) or original(*given)
        )
        first = model.embed(own_city, places).relative
        again = model.embed(City.open(own_city.folder), places.iloc[3:]).relative
        assert counts == [len(own_city.stations)]
        np.testing.assert_array_equal(again, first[3:])
        moved = own_city.stations.iloc[:3]
        moved.to_parquet(own_city.path("stations"), index=False)
        changed = model.embed(City.open(own_city.folder), places).relative
    assert counts == [len(own_city.stations), 3]
    fresh = load_context(folder).embed(City.open(own_city.folder), places).relative
    np.testing.assert_array_equal(changed, fresh)
    assert not np.array_equal(changed, first)


def test_the_number_of_cached_cities_is_bounded(small_city, tmp_path, model, monkeypatch):
    monkeypatch.setattr(city_relative, "CITIES_KEPT", 1)
    other, places = without(small_city, tmp_path), cells(small_city).iloc[:2]
    for city in (small_city, other, small_city):
        model.embed(city, places)
        assert len(model._city_references._kept) == 1
