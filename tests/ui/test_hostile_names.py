"""Names, units and sources of a city are shown as text, never as Markdown, HTML or images."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from netspatial.city.city import City
from tests.ui import pages
from tests.ui.operate_runs import write_schedule
from tests.ui.plan_runs import write_made_up_run

NASTY = "![x](http://127.0.0.1/a.png) <img src=x> $x$ [a](b) %{y}"
PLAIN = {
    ("Selectbox", "options"),
    ("MultiSelect", "options"),
    ("Arrow", "data"),
    ("Arrow", "columns"),
    ("DeckGlJsonChart", "json"),
    ("DownloadButton", "url"),
    ("Slider", "options"),
}
"""Fields that Streamlit shows as plain text: options of lists, cells of tables, tooltips."""
NO_TEXT = {
    "id",
    "form_id",
    "alt",
    "element_id",
    "url",
    "user_key",
    "tooltip",
    "default",
    "value_string",
}
RAW = re.compile(r"(?<!\\)!\[x|(?<!\\)\[a|(?<!\\)\]\(|(?<!\\)<img|(?<!\\)\$x")


@pytest.fixture(scope="module")
def nasty_folders(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders `cities` and `runs`: a city with hostile names, two plans and two schedules."""
    room = tmp_path_factory.mktemp("nasty")
    folder = room / "cities" / "nasty"
    shutil.copytree(small_city.folder, folder)
    record = json.loads((folder / "city.json").read_text())
    record |= {
        "name": NASTY,
        "units": dict.fromkeys(record["units"], NASTY),
        "licences": dict.fromkeys(record["licences"], NASTY),
        "attribution": [NASTY],
    }
    (folder / "city.json").write_text(json.dumps(record))
    city = City.open(folder)
    write_made_up_run(city, room / "runs" / "plan-1")
    write_made_up_run(city, room / "runs" / "plan-2", k=2)
    write_schedule(city, room / "runs" / "schedule-1")
    write_schedule(city, room / "runs" / "schedule-2")
    return room


@pytest.fixture
def _shown(nasty_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(nasty_folders / "cities"))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(nasty_folders / "runs"))


def texts(message: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the type, the field and the text of every text in a message of Streamlit."""
    for field, value in message.ListFields():
        several = value if hasattr(value, "append") or hasattr(value, "add") else [value]
        for one in several:
            if isinstance(one, str):
                yield message.DESCRIPTOR.name, field.name, one
            elif hasattr(one, "ListFields"):
                yield from texts(one)


def shown(app: AppTest) -> Iterator[tuple[str, str, str]]:
    for element in [*app.main, *app.sidebar]:
        if element.proto is not None:
            yield from texts(element.proto)


def leaks(app: AppTest) -> list[tuple[str, str, str]]:
    """Return the texts that would be rendered as markup."""
    found = []
    for kind, field, text in shown(app):
        if (kind, field) in PLAIN or field in NO_TEXT:
            continue
        if kind == "PlotlyChart" or (kind, field) == ("Html", "body"):
            if "<img src=x" in text or "%{y} <" in text:
                found.append((kind, field, text))
        elif RAW.search(text):
            found.append((kind, field, text))
    return found


def says_it(app: AppTest) -> bool:
    """Return whether a hostile name is on the page at all."""
    return any("127.0.0.1" in text for _, _, text in shown(app))


@pytest.mark.usefixtures("_shown")
@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("city", {}),
        ("city", {"station": NASTY}),
        ("cities", {"run": NASTY}),
        ("plan", {"run": "plan-1"}),
        ("plan", {"run": "plan-1", "cell": NASTY}),
        ("operate", {"run": "schedule-1"}),
        ("operate", {"run": "schedule-1", "station": NASTY}),
        ("compare", {"a": "plan-1", "b": "plan-2"}),
        ("compare", {"kind": "operate", "a": "schedule-1", "b": "schedule-2"}),
    ],
)
def test_hostile_names_are_shown_as_text(page: str, address: dict[str, str]) -> None:
    app = pages.opened(page, **address)
    assert leaks(app) == []
    assert says_it(app) or page == "compare"


@pytest.mark.usefixtures("_shown")
def test_problems_of_a_hostile_city_are_shown_as_text() -> None:
    app = pages.opened("cities")
    app.button(key="check-nasty").click().run()
    assert leaks(app) == []
