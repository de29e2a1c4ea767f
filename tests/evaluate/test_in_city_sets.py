"""Measured data sets as tasks: what is read, where it lies, what is held out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netspatial.errors import MissingPart
from netspatial.evaluate.in_city_sets import SETS, beijing, milan, uomo
from netspatial.evaluate.realdata import read_uomo, real_folder
from netspatial.randomness import stream

FOLDER = real_folder()
needs_real_data = pytest.mark.skipif(
    FOLDER is None, reason="no measured sets in shared/data beside the project"
)
RANDOM = stream(0, "made-up sets")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up files in the published formats."""
    made = tmp_path_factory.mktemp("real")
    for name in ("milan", "uomo-tiles", "beijing-5g"):
        (made / name).mkdir()
    steps = RANDOM.uniform(1, 2, (6 * 24 * 30, 25))
    np.savetxt(made / "milan/internet_10min_5x5.csv.gz", steps, delimiter=",")
    kinds = np.array([f"kind {i}" for i in range(10)])
    pois = pd.DataFrame({"category": kinds.repeat(3), "cell_id": np.arange(4041, 4071)})
    pois.to_parquet(made / "milan/pois.parquet")
    tiles = {}
    for town, steps_per_week in (("SD", 168), ("NC", 336)):
        for part, count in (("train", 6), ("val", 2)):
            shape = (count, steps_per_week, 4, 4)
            tiles[f"{town}_{part}_traffic"] = RANDOM.uniform(1, 2, shape).astype(np.float32)
            tiles[f"{town}_{part}_users"] = np.ones(shape, np.float32)
            tiles[f"{town}_{part}_poi"] = np.ones((count, 3, 4, 4), np.float32)
    tiles["SD_train_traffic"][0, :, 0] = 0
    np.savez(made / "uomo-tiles/uomo_tiles.npz", **tiles)
    np.savez(
        made / "beijing-5g/beijing_5g.npz",
        traffic=RANDOM.uniform(1, 2, (12, 168)).astype(np.float32),
        embedding=RANDOM.standard_normal((12, 4)).astype(np.float32),
    )
    return made


def test_each_square_and_each_block_of_milan_is_left_out(folder: Path) -> None:
    (data,) = milan(folder)
    assert data.weeks == 4
    assert data.zero_shot is None
    each, blocks = (data.parts(split, 5, 2.0, 0) for split in ("random", "blocks"))
    assert np.array_equal(np.concatenate(each), np.arange(25))
    assert [len(block) for block in blocks] == [9] * 9
    assert np.array_equal(blocks[0], [0, 1, 2, 5, 6, 7, 10, 11, 12])
    assert data.places.features["counts"].shape == (25, 20)
    assert np.hypot(*(data.places.xy[1] - data.places.xy[0])) == pytest.approx(235)


def test_cells_with_traffic_of_the_tiles_lie_within_their_tile(folder: Path) -> None:
    first, second = uomo(folder)
    assert (first.name, second.name) == ("uomo-SD", "uomo-NC")
    assert len(first) == 8 * 16 - 4
    assert len(second) == 8 * 16
    assert (first.weeks, second.weeks) == (1, 1)
    x = first.places.xy[:, 0]
    apart = np.abs(x[:, None] - x[None])
    assert ((apart < 1000) | (apart > 1e6)).all()
    groups = second.parts("blocks", 5, 2.0, 0)
    assert np.array_equal(np.sort(np.concatenate(groups)), np.arange(len(second)))
    assert len(groups[0]) == 2 * 16


def test_half_hours_are_summed_for_traffic_and_averaged_for_users(folder: Path) -> None:
    tiles = read_uomo(folder)["NC"]
    assert tiles.traffic.shape == (8, 168, 4, 4)
    assert (tiles.traffic >= 2).all()
    assert np.allclose(tiles.users, 1)
    assert tiles.train == 6


def test_beijing_has_embeddings_and_no_coordinates(folder: Path) -> None:
    (data,) = beijing(folder)
    assert not data.located
    assert data.splits() == ("random",)
    assert data.places.features["embedding"].shape == (12, 4)


@pytest.mark.parametrize("name", SETS)
def test_a_missing_set_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(MissingPart):
        SETS[name](tmp_path)


@needs_real_data
def test_the_measured_sets_have_the_documented_sizes() -> None:
    assert FOLDER is not None
    sizes = {data.name: len(data) for read in SETS.values() for data in read(FOLDER)}
    assert sizes == {"milan": 25, "uomo-SD": 514, "uomo-NC": 356, "beijing": 756}
