"""A JSON text is measured as it would be built, without building it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.user_files import json_text
from netspatial.user_files.json_text import measure, parse_json
from netspatial.user_files.limits import UPLOAD

texts = st.text(alphabet='ab"\\[]{}:,é\n', max_size=30)
values = st.recursive(
    st.none() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=30,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(values, st.sampled_from([1, 2, 3, 7, 1 << 20]))
def test_the_depth_is_that_of_the_built_value_in_steps_of_any_size(value, step):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "STEP", step)
        assert measure(json.dumps(value).encode())[0] == depth(value)


@given(
    st.lists(st.text(alphabet="abc[]{},:", max_size=50), min_size=1), st.sampled_from([1, 5, 99])
)
def test_the_longest_text_is_found(words, step):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "STEP", step)
        assert measure(json.dumps(words).encode())[1] == max(map(len, words))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "100,000 lists inside each other"),
        (b'{"a":' * 1000, "1,000 lists inside each other"),
        (b'{"a":"' + b"x" * 200_000 + b'"}', "200,000 characters in one text"),
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        ("\ud800", "is not JSON"),
    ],
)
def test_a_hostile_text_is_one_sentence(content, words):
    with pytest.raises(BadInput, match=words):
        parse_json(content, UPLOAD, "It")


def test_a_number_of_any_length_is_a_float():
    assert parse_json(b"1" * 5000, UPLOAD, "It") == float("inf")
