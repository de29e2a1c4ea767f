"""What others write shows as the text that it is, in Markdown and in figures."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.plain_text import in_figure, in_markdown

MARKUP = set("\\`*_[]<>$~&#|")
HOSTILE = ["![x](http://127.0.0.1/a.png)", "<img src=x>", "$x$", "[a](b)", "# a", "1. a", "- a"]


@given(st.text(max_size=50))
def test_every_sign_of_markup_is_escaped_and_the_text_is_kept(text: str) -> None:
    written = in_markdown(text)
    assert not re.findall(r"(?<!\\)(?:\\\\)*[`*_\[\]<>$~&#|]", written)
    assert re.sub(r"\\(.)", r"\1", written) == " ".join(text.split())


@given(st.text(alphabet="abc ,é", max_size=30))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert in_markdown(text) == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_begins_like_markup_is_left(text: str) -> None:
    assert in_markdown(text) != text
    assert not in_markdown(text).startswith(("#", "-", "1."))


@given(st.text(alphabet="<>&%{a}", max_size=30))
def test_a_figure_shows_no_tag_and_fills_in_no_template(text: str) -> None:
    assert "<" not in in_figure(text)
    assert "%{" not in in_figure(text)
