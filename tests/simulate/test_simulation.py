import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspatial.city.city import FILES, City
from netspatial.errors import BadInput
from netspatial.simulate import simulate

SMALL = {"size_km": 2.0, "stations": 12, "pois": 150, "gsd_m": 10.0, "weeks": 1}
ARGUMENTS = ", ".join(f"{name}={value}" for name, value in SMALL.items())


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("simulated") / "city", seed=3, **SMALL)


def test_the_city_is_complete_and_valid(city):
    assert city.parts == list(FILES)
    assert city.validate() == []
    assert len(city.stations) == 12
    assert len(city.pois) == 150
    assert city.services == ["total", "call", "data", "sms"]
    assert city.traffic.sizes == {"station": 12, "time": 168}


def test_the_record_has_provenance_and_drawn_parameters(city):
    record = city.record
    assert (record.provenance, record.seed) == ("simulated", 3)
    assert set(record.licences) == set(FILES)
    assert set(record.parameters["drawn"]) == {"land", "image", "pois", "stations", "traffic"}
    assert record.parameters["drawn"]["traffic"]["noise_sd"] > 0
    assert record.start.isoformat() == f"{city.traffic['time'].to_numpy()[0]}"[:19] + "+00:00"


def test_one_seed_is_one_city_byte_for_byte_in_any_process(city, tmp_path):
    runs = {}
    for hashing, threads in (("1", "1"), ("2", "2")):
        folder = tmp_path / hashing
        code = (
            f"from netspatial.simulate import simulate; simulate({str(folder)!r}, 3, {ARGUMENTS})"
        )
        runs[folder] = subprocess.Popen(  # noqa: S603  our own interpreter and code
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hashing, "OMP_NUM_THREADS": threads},
        )
    for folder, run in runs.items():
        assert run.wait() == 0
        assert digests(folder) == digests(city.folder)


def test_a_redraw_changes_the_traffic_only(city, tmp_path):
    redrawn = simulate(tmp_path / "redrawn", seed=3, redraw=1, **SMALL)
    before, after = digests(city.folder), digests(redrawn.folder)
    assert {name for name in before if before[name] != after[name]} == {"city.json", "traffic.nc"}


def test_another_seed_or_family_is_another_city(city, tmp_path):
    unseen = simulate(tmp_path / "unseen", seed=3, family="unseen", **SMALL)
    assert unseen.record.bounds == city.record.bounds
    assert set(digests(unseen.folder).values()).isdisjoint(digests(city.folder).values())


def test_progress_runs_from_nothing_to_all(tmp_path):
    reported = []
    simulate(
        tmp_path / "city",
        seed=3,
        progress=lambda step, share: reported.append((step, share)),
        **SMALL,
    )
    shares = [share for _, share in reported]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, pytest.approx(1.0))


def test_a_city_may_overwrite_a_city_but_nothing_else(tmp_path):
    own = tmp_path / "thesis"
    own.mkdir()
    (own / "chapter.txt").write_text("years of work")
    with pytest.raises(BadInput, match="contains something other than a city"):
        simulate(own, seed=3, **SMALL)
    assert (own / "chapter.txt").read_text() == "years of work"
    with pytest.raises(BadInput, match="is a file"):
        simulate(own / "chapter.txt", seed=3, **SMALL)
    (tmp_path / "empty").mkdir()
    first = simulate(tmp_path / "empty", seed=3, **SMALL)
    second = simulate(tmp_path / "empty", seed=4, **SMALL)
    assert (first.record.seed, City.open(tmp_path / "empty").record.seed) == (3, 4)
    assert second.validate() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size_km": 0.2}, "size_km is 0.2 km; between 1 and 60 km would be right."),
        ({"size_km": float("nan")}, "size_km is nan"),
        ({"stations": 0}, "stations is 0; between 1 and 20000"),
        ({"stations": 2000}, "stations do not fit"),
        ({"pois": -1}, "pois is -1"),
        ({"gsd_m": 0}, "gsd_m is 0 m"),
        ({"weeks": 0}, "weeks is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"redraw": -1}, "redraw is -1"),
        ({"family": "martian"}, "no family 'martian' of cities; use train or unseen"),
    ],
)
def test_arguments_outside_their_limits_are_refused(tmp_path, arguments, message):
    with pytest.raises(BadInput) as refused:
        simulate(tmp_path / "city", **{"seed": 3, **SMALL, **arguments})
    assert message in str(refused.value)
    assert str(refused.value).endswith(".")
    assert list(tmp_path.iterdir()) == []
