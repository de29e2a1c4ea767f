"""`netspatial city build` lists its sources, asks before fetching, and builds the city."""

import json
import re

from typer.testing import CliRunner

from netspatial.cli import app
from netspatial.errors import BadInput
from netspatial.sources import SOURCES
from netspatial.sources.contract import Estimate
from tests.sources.conftest import files  # noqa: F401  fixture


def arguments(files, out, *more):  # noqa: F811  the fixture
    asked = ["city", "build", "Tiny", f"--bbox={','.join(map(str, files.area.bounds))}"]
    asked += ["--timezone", files.timezone, "--out", str(out)]
    for part, sources in files.sources().items():
        asked += [f"--{part}", *sources]
    return [*asked, *more]


def run(asked, **other):
    return CliRunner().invoke(app, asked, **other)


def test_a_city_is_built_and_valid(files, tmp_path):  # noqa: F811
    shown = run(arguments(files, tmp_path / "city", "--dry-run", "--json"))
    plan = json.loads(shown.stdout)["fetch"]
    assert [row["part"] for row in plan] == ["imagery", "pois", "landuse", "stations", "traffic"]
    assert all(row["megabytes"] > 0 and not row["from_net"] for row in plan)
    assert not (tmp_path / "city").exists()
    done = run(arguments(files, tmp_path / "city"))
    assert done.exit_code == 0, done.output
    assert "valid: imagery, pois, stations, traffic, landuse" in re.sub(r"\s+", " ", done.stdout)
    assert run(["city", "validate", str(tmp_path / "city")]).exit_code == 0


def test_the_default_time_zone_is_that_of_the_area(files, tmp_path):  # noqa: F811
    named = arguments(files, tmp_path / "city", "--dry-run", "--json")
    at = named.index("--timezone")
    found = json.loads(run(named[:at] + named[at + 2 :]).stdout)["timezone"]
    assert found == files.timezone
    named[at + 1] = "UTC"
    assert json.loads(run(named).stdout)["timezone"] == "UTC"


def test_nothing_is_fetched_without_consent(files, tmp_path, monkeypatch):  # noqa: F811
    fetched = []

    class Far:
        def estimate(self, _area):
            return Estimate("a far image", 5.0, from_net=True)

        def fetch(self, _area, _work, _progress):
            fetched.append(1)
            raise BadInput("far away")

    monkeypatch.setitem(SOURCES["imagery"], "geotiff", lambda _spec, _settings: Far())
    asked = arguments(files, tmp_path / "city")
    for answer in ("n\n", ""):
        refused = run(asked, input=answer)
        assert isinstance(refused.exception, BadInput)
        assert "consent" in str(refused.exception)
    assert fetched == []
    agreed = run(asked, input="y\n")
    assert fetched == [1]
    assert "far away" in str(agreed.exception)
