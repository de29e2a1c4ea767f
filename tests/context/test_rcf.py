import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.context.encoders.rcf import Bank, RcfEncoder, RcfSettings
from netspatial.errors import BadInput
from netspatial.randomness import stream

SMALL = RcfSettings(banks=(Bank(1, 4, 1), Bank(3, 20, 1), Bank(3, 4, 2)))
MOSAIC = stream(0, "test", "mosaic").integers(0, 256, (70, 90, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def small() -> RcfEncoder:
    return RcfEncoder(SMALL)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 60), st.integers(10, 30), st.integers(10, 30))
def test_a_window_of_the_mosaic_has_the_embedding_of_the_patch(small, top, left, height, width):
    patch = MOSAIC[top : top + height, left : left + width]
    window = np.array([[top, left, top + height, left + width]])
    np.testing.assert_allclose(
        small.encode_mosaic(MOSAIC, window), small.encode(patch[None]), rtol=1e-4, atol=1e-4
    )


def test_a_window_over_the_whole_mosaic_has_the_embedding_of_the_image(small):
    whole = np.array([[0, 0, 70, 90]])
    np.testing.assert_allclose(
        small.encode_mosaic(MOSAIC, whole), small.encode(MOSAIC[None]), rtol=1e-4, atol=1e-4
    )


def test_features_of_a_uniform_patch_have_a_closed_form(small):
    """On a uniform image the response is the same at every position."""
    plain = np.full((1, 20, 20, 3), 140, dtype=np.uint8)
    bank, kernels, thresholds = small._filters[1]
    response = kernels.sum((1, 2, 3)).numpy() * (140 - SMALL.centre) / SMALL.spread
    positive = np.log(np.maximum(response - thresholds.numpy(), 0) + SMALL.log_floor)
    first = 2 * SMALL.banks[0].count
    found = small.encode(plain)[0, first : first + 2 * bank.count : 2]
    np.testing.assert_allclose(found, positive, rtol=1e-4, atol=1e-4)


def test_the_same_seed_gives_the_same_filters_and_another_seed_others():
    assert RcfEncoder(SMALL).fingerprint == RcfEncoder(SMALL).fingerprint
    other = RcfEncoder(RcfSettings(seed=1, banks=SMALL.banks))
    assert other.fingerprint != RcfEncoder(SMALL).fingerprint
    image = MOSAIC[None, :32, :32]
    np.testing.assert_array_equal(RcfEncoder(SMALL).encode(image), RcfEncoder(SMALL).encode(image))
    assert not np.allclose(other.encode(image), RcfEncoder(SMALL).encode(image))


def test_a_window_beyond_the_image_is_refused(small):
    with pytest.raises(BadInput, match="reaches beyond the image of 70 x 90"):
        small.encode_mosaic(MOSAIC, np.array([[60, 0, 80, 20]]))


def test_a_patch_too_small_for_the_filters_is_refused(small):
    with pytest.raises(BadInput, match="at least 6 pixels"):
        small.encode(np.zeros((1, 4, 4, 3), np.uint8))
