"""Training data in .npz files: valid files are read, damaged ones refused."""

from pathlib import Path

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.evaluate.robustness.spoil.raw import RAW
from netspatial.evaluate.robustness.spoil.series import NPZ
from netspatial.generate.data import read_npz
from netspatial.randomness import stream


def written(path: Path) -> Path:
    rng = stream(0, "npz")
    traffic = rng.lognormal(size=(9, 168)).astype(np.float32)
    np.savez(path, traffic=traffic, embedding=rng.normal(size=(9, 3)))
    return path


def test_a_valid_file_is_read(tmp_path: Path) -> None:
    assert len(read_npz(written(tmp_path / "x.npz"))) == 9


@pytest.mark.parametrize("spoil", [*NPZ, *RAW], ids=lambda spoil: spoil.name)
@pytest.mark.parametrize("number", range(5))
def test_a_damaged_file_is_read_or_refused_with_a_sentence(spoil, number, tmp_path: Path) -> None:
    path = written(tmp_path / "x.npz")
    spoil.work(path, stream(number, spoil.name))
    try:
        found = read_npz(path)
    except BadInput as refused:
        assert not spoil.refused or str(refused).endswith(".")  # noqa: PT017  both are allowed
    else:
        assert not spoil.refused
        assert np.isfinite(found.x).all()
        assert np.isfinite(found.context).all()
