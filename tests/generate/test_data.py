"""Training data: gaps are filled, unusable stations left out, unusable files refused."""

from pathlib import Path

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.generate.data import TrainingSet, filter_series, join, read_npz
from netspatial.randomness import stream


def traffic(n: int = 12, hours: int = 336) -> np.ndarray:
    return stream(0, "traffic").gamma(2.0, size=(n, hours)).astype(np.float32)


def write(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def test_short_gaps_are_filled() -> None:
    x = traffic()
    x[4, 50:56] = np.nan
    kept, _, notes = filter_series(x, [f"s{i}" for i in range(12)], "Town")
    assert np.isfinite(kept).all()
    assert notes == ()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda x: x.__setitem__(slice(50, 57), np.nan), "gap of more than 6 hours"),
        (lambda x: x.fill(np.nan), "nothing measured"),
        (lambda x: x.fill(0), "all zero"),
        (lambda x: x.fill(3.5), "constant"),
        (lambda x: x.__setitem__(3, -1), "negative"),
        (lambda x: x.__setitem__(slice(0, 9), np.inf), "gap of more than 6 hours"),
    ],
)
def test_an_unusable_station_is_left_out_with_a_note(spoil, words) -> None:
    x = traffic()
    spoil(x[4])
    kept, index, notes = filter_series(x, [f"s{i}" for i in range(12)], "Town")
    assert 4 not in index
    assert len(kept) == 11
    assert len(notes) == 1
    assert words in notes[0]
    assert "'s4'" in notes[0]
    assert "Town" in notes[0]


def test_data_that_are_mostly_unusable_are_refused() -> None:
    x = traffic()
    x[:8] = 0
    with pytest.raises(BadInput, match=r"8 of 12 stations left out \(all zero\)"):
        filter_series(x, [str(i) for i in range(12)], "Town")


def test_a_series_shorter_than_a_week_is_refused() -> None:
    with pytest.raises(BadInput, match="100 hours long; a week"):
        filter_series(traffic(hours=100), list("abcdefghijkl"), "Town")


def test_hours_beyond_whole_weeks_are_cut() -> None:
    kept, _, _ = filter_series(traffic(hours=400), list("abcdefghijkl"), "Town")
    assert kept.shape == (12, 336)


def test_an_npz_file_becomes_a_training_set(tmp_path: Path) -> None:
    x, z = traffic(), stream(0, "z").normal(size=(12, 5))
    data = read_npz(write(tmp_path / "a.npz", traffic=x, embedding=z))
    assert np.array_equal(data.x, x)
    assert data.context.shape == (12, 5)
    assert not data.one_week
    assert data.hours[0, :3].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"traffic": traffic()}, "no array 'embedding'"),
        ({"traffic": traffic(), "embedding": np.zeros((3, 5))}, r"\(12, D\) would match"),
        ({"traffic": traffic(), "embedding": np.full((12, 5), np.nan)}, "NaN"),
        ({"traffic": traffic()[0], "embedding": np.zeros((336, 5))}, "1 dimensions"),
    ],
)
def test_an_npz_file_with_wrong_arrays_is_refused(tmp_path: Path, arrays, words) -> None:
    with pytest.raises(BadInput, match=words):
        read_npz(write(tmp_path / "a.npz", **arrays))


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(BadInput, match=r"not an \.npz file"):
        read_npz(path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", traffic=np.array([{}], dtype=object), embedding=traffic())
    with pytest.raises(BadInput, match=r"not an \.npz file that can be read"):
        read_npz(path)


def made(fingerprint: str = "e", unit: str = "GB/h", hours: int = 336) -> TrainingSet:
    x = traffic(hours=hours)
    grid = np.broadcast_to(np.arange(hours, dtype=np.int16) % 168, x.shape)
    return TrainingSet(
        x=x,
        hours=grid,
        context=np.zeros((12, 4), np.float32),
        group=np.zeros(12, np.int64),
        unit=unit,
        context_fingerprint=fingerprint,
        sources=("Town",),
        provenance="simulated",
    )


def test_joined_sets_keep_their_groups_and_the_shortest_length() -> None:
    data = join([made(), made(hours=504)])
    assert data.x.shape == (24, 336)
    assert data.group.tolist() == [0] * 12 + [1] * 12


@pytest.mark.parametrize(
    ("other", "words"),
    [(made(fingerprint="f"), "embedded by encoder f"), (made(unit="MB/h"), "in MB/h")],
)
def test_sets_of_different_encoders_or_units_are_not_joined(other: TrainingSet, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        join([made(), other])


def test_joining_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="No training data"):
        join([])
