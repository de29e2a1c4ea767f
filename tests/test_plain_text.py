"""Text from users is shown literally in Markdown, in figures and in spreadsheets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.plain_text import in_figure, in_markdown, in_spreadsheet

MARKUP = set("\\`*_[]<>$~&#|")
HOSTILE = ["![x](http://127.0.0.1/a.png)", "<img src=x>", "$x$", "[a](b)", "# a", "1. a", "- a"]


@given(st.text(max_size=50))
def test_markup_characters_are_escaped_and_the_text_is_kept(text: str) -> None:
    written = in_markdown(text)
    assert not re.findall(r"(?<!\\)(?:\\\\)*[`*_\[\]<>$~&#|]", written)
    assert re.sub(r"\\(.)", r"\1", written) == " ".join(text.split())


@given(st.text(alphabet="abc ,é", max_size=30))
def test_plain_words_stay_unchanged(text: str) -> None:
    assert in_markdown(text) == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_at_the_beginning_is_escaped(text: str) -> None:
    assert in_markdown(text) != text
    assert not in_markdown(text).startswith(("#", "-", "1."))


@given(st.text(alphabet="<>&%{a}", max_size=30))
def test_tags_and_templates_are_escaped_for_figures(text: str) -> None:
    assert "<" not in in_figure(text)
    assert "%{" not in in_figure(text)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_escaped_for_spreadsheets(start: str) -> None:
    assert in_spreadsheet(f"{start}1+1") == f"'{start}1+1"
    assert in_spreadsheet(f"a{start}") == f"a{start}"
