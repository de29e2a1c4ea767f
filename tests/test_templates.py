"""Templates escape every value, take rendered templates as they are, and miss nothing silently."""

from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

import netspatial
from netspatial.templates import render, template

PACKAGE = Path(netspatial.__file__).parent
ENTITIES = ("amp;", "lt;", "gt;", "#34;", "#39;")
FILES = sorted(
    path.relative_to(PACKAGE).as_posix()
    for path in PACKAGE.rglob("*")
    if path.suffix in {".html", ".svg", ".kml"}
)


@given(st.text())
def test_a_value_is_text_and_no_markup(text: str) -> None:
    page = render("ui/cities/thumbnail.html", city="", uri=text)
    shown = page.partition('src="')[2].rpartition('">')[0]
    assert not {'"', "<", ">", "'"} & set(shown)
    assert all(part.startswith(ENTITIES) for part in shown.split("&")[1:])


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "\"'>", "{{ 7*7 }}", "{% x %}"])
def test_hostile_text_is_shown_as_it_is(hostile: str) -> None:
    page = render("ui/components/lead.html", text=hostile, strong="")
    assert hostile in unescape(page)
    assert "<script" not in page
    assert "49" not in page


def test_a_rendered_template_is_not_escaped_again() -> None:
    inner = render("ui/components/lead.html", text="a < b", strong="")
    assert inner.strip() in render("ui/components/lead.html", text=inner, strong="")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_value_raises(file: str) -> None:
    with pytest.raises(UndefinedError):
        template(file).render()


@pytest.mark.parametrize("file", FILES)
def test_no_template_switches_escaping_off(file: str) -> None:
    text = (PACKAGE / file).read_text(encoding="utf-8")
    assert "safe" not in text
    assert "autoescape" not in text
