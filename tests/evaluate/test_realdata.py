from pathlib import Path

import numpy as np
import pytest

from netspatial.errors import BadInput, MissingPart
from netspatial.evaluate.realdata import (
    READERS,
    VARIABLE,
    MeasuredDataSet,
    read_all,
    read_beijing,
    read_milan,
    real_folder,
)

FOLDER = real_folder()
needs_real_data = pytest.mark.skipif(
    FOLDER is None, reason="no measured sets in shared/data beside the project"
)


def test_whole_weeks_start_on_a_monday():
    from_friday = MeasuredDataSet(
        "x", np.arange(720.0)[None, :], 4 * 24, None, "CC0-1.0"
    ).whole_weeks()
    assert from_friday.traffic.shape == (1, 3 * 168)
    assert from_friday.traffic[0, 0] == 3 * 24
    assert from_friday.first_hour == 0


def test_a_folder_may_be_named(tmp_path, monkeypatch):
    assert real_folder(tmp_path) == tmp_path
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert real_folder() == tmp_path
    with pytest.raises(BadInput, match="There is no folder"):
        real_folder(tmp_path / "nowhere")


def test_a_missing_set_is_refused_by_its_reader_and_left_out_by_read_all(tmp_path):
    with pytest.raises(MissingPart, match="beijing-5g"):
        read_beijing(tmp_path)
    assert read_all(tmp_path) == []
    assert read_all(None) == []


def test_synthetic_files_in_the_published_format_are_read(tmp_path):
    (tmp_path / "beijing-5g").mkdir()
    np.savez(tmp_path / "beijing-5g/beijing_5g.npz", traffic=np.ones((3, 168), np.float32))
    (tmp_path / "milan").mkdir()
    steps = np.ones((24 * 6, 25))
    np.savetxt(tmp_path / "milan/internet_10min_5x5.csv.gz", steps, delimiter=",")
    assert read_beijing(tmp_path).traffic.shape == (3, 168)
    milan = read_milan(tmp_path)
    assert (milan.traffic == 6).all()
    assert milan.places is not None
    assert np.hypot(*(milan.places[1] - milan.places[0])) == pytest.approx(235)
    assert [found.name for found in read_all(tmp_path)] == list(READERS)


@needs_real_data
def test_measured_sets_have_the_documented_properties():
    assert FOLDER is not None
    beijing, milan = read_beijing(Path(FOLDER)), read_milan(Path(FOLDER))
    assert beijing.traffic.shape == (756, 168)
    assert milan.traffic.shape == (25, 720)
    for found in (beijing, milan):
        days = found.whole_weeks().traffic.mean(axis=0).reshape(-1, 24).mean(axis=0)
        assert set(np.argsort(days)[:3]) <= {2, 3, 4, 5}
