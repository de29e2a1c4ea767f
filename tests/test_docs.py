"""The documentation builds without warnings, its commands exist, and its words are current."""

import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.main import get_command

from netspatial import __all__ as exported
from netspatial.city.city import City
from netspatial.cli import app
from tests.documents import (
    PAGES,
    ROOT,
    blocks,
    netspatial_commands,
    options,
    run_python,
)

RETIRED = (
    # options
    "--knob",
    "--learn-from",
    "--learn-context",
    "--when",
    "--rule",
    "--floor",
    "--exclusion",
    "--reach",
    "--must",
    "--forbid",
    "--most-mb",
    # words
    "knob",
    "wakings",
    "taught",
    "weighed",
    "unrest",
    "restless",
    "foretell",
    "foretold",
    "futures",
    "squeeze",
    "ledger",
    "tolls",
    "for whom",
    "it is told",
    "lets itself",
    "listened to",
    "hesitation",
    "set beside",
    "beside each other",
    "carried out anew",
    "carrying out",
    "brings forth",
    "held against",
    "planted",
    "rivals",
    "shipped",
    "the law that drew",
    "demand_lsi",
    "operate_stations",
    "crowded",
    "rationing",
    "in four futures",
    "floor on demand",
    "what came",
    "last week again",
    "last hour again",
)
"""Words that WORDS.md retires and that have no other use here; compared in lower case."""


def retired_in(text: str) -> list[str]:
    """Return the retired words of a text."""
    lower = " ".join(text.lower().split())
    return [
        word for word in RETIRED if re.search(rf"(?<![\w-]){re.escape(word.lower())}(?!\w)", lower)
    ]


def helps() -> list[tuple[str, str]]:
    """Help text of every command and option, by name."""
    found: list[tuple[str, str]] = []

    def walk(command: object, name: str) -> None:
        found.append((name, getattr(command, "help", None) or ""))
        params = getattr(command, "params", [])
        found.extend(
            (f"{name} {param.name}", getattr(param, "help", None) or "") for param in params
        )
        for child_name, child in getattr(command, "commands", {}).items():
            walk(child, f"{name} {child_name}")

    walk(get_command(app), "netspatial")
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; `--strict` turns every warning, as of a broken link, into a failure."""
    if find_spec("mkdocs") is None and "CI" not in os.environ:
        pytest.skip("mkdocs is not installed; `make test` installs it")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(  # noqa: S603 our own pages
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr.strip()
    return folder


def test_every_page_is_built(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    made = {page.parent if page.stem == "index" else page.with_suffix("") for page in pages}
    assert made <= {path.parent.relative_to(site) for path in site.rglob("index.html")}


def test_a_notebook_page_shows_its_outputs_and_fetches_nothing(site: Path) -> None:
    for path in (ROOT / "docs" / "notebooks").glob("*.ipynb"):
        page = (site / "notebooks" / path.stem / "index.html").read_text(encoding="utf-8")
        assert "data:image/svg+xml;base64," in page
        assert "Plotly.newPlot(" in page
        assert not re.findall(r"<(?:script|img)[^>]+src=\"?https?:", page)
    assert (site / "notebooks" / "plotly.min.js").is_file()


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    text = (site / "commands" / "index.html").read_text(encoding="utf-8")
    for name, known in options().items():
        assert f">netspatial {name}<" in text, name
        assert all(option in text for option in known)


def test_the_cards_of_all_bundled_weights_are_shown(site: Path) -> None:
    text = (site / "cards" / "index.html").read_text(encoding="utf-8")
    cards = list((ROOT / "assets").glob("*/*/card.md"))
    assert cards
    assert all(card.parent.relative_to(ROOT).as_posix() in text for card in cards)


def test_nothing_of_the_site_is_fetched_from_another_server(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|img)[^>]+src=\"https?:", page)
    assert not re.findall(r"<link[^>]+rel=\"(?:stylesheet|preconnect)\"[^>]+href=\"https?:", page)


@pytest.mark.parametrize("name", [name for name in exported if name != "__version__"])
def test_every_exported_name_is_in_the_python_reference(name: str) -> None:
    reference = "".join(text for page, text in PAGES.items() if page.startswith("docs/api/"))
    assert re.search(rf"^::: netspatial\S*\.{name}$", reference, re.MULTILINE)


def test_the_figures_are_what_their_script_draws() -> None:
    drawn = runpy.run_path(str(ROOT / "docs/figures/make.py"))["figures"]()
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in (ROOT / "docs/figures").glob("*.svg")
    }
    assert kept == drawn, "run `python docs/figures/make.py`"


def test_each_picture_of_the_app_is_taken_by_the_script_and_shown_on_a_page() -> None:
    script = runpy.run_path(str(ROOT / "docs/pictures/make.py"))
    kept = {path.stem: path for path in (ROOT / "docs/pictures").glob("*.jpg")}
    assert kept.keys() == script["PICTURES"].keys(), "run `make pictures`"
    for name, path in kept.items():
        assert path.stat().st_size <= script["MAX_BYTES"]
        assert any(f"pictures/{name}.jpg" in text for text in PAGES.values()), name


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_pages_exists_with_its_options(page: str) -> None:
    known = options()
    for arguments in netspatial_commands(page):
        line = shlex.join(arguments)
        name = max(
            (one for one in known if f"{line} ".startswith(f"{one} ")), key=len, default=None
        )
        assert name or line.startswith("--"), line
        given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
        assert given <= known.get(name or "", {"--version", "--help"}), line


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_the_pages_lead_somewhere(page: str) -> None:
    notebooks = (ROOT / "docs" / "notebooks").glob("*.ipynb")
    made = {"commands.md", "cards.md", "changelog.md"}
    made |= {f"notebooks/{path.stem}.md" for path in notebooks}
    here = (ROOT / page).parent
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", PAGES[page])
    assert not [link for link in links if link not in made and not (here / link).is_file()]


def test_the_first_python_example_runs(
    tmp_path: Path, write_small_city: Callable[[Path], City]
) -> None:
    write_small_city(tmp_path / "cities" / "demo")
    (example,) = blocks("docs/start.md", "python")
    done = run_python(example, tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"s\d carries up to [\d.]+ MB", done.stdout)


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_the_pages_use_no_retired_word(page: str) -> None:
    assert retired_in((ROOT / page).read_text(encoding="utf-8")) == []


def test_the_help_uses_no_retired_word() -> None:
    assert {name: found for name, text in helps() if (found := retired_in(text))} == {}
