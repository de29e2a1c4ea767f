import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.context.features.images import as_rgb8, check_rgb8, stretch_of
from netspatial.errors import BadInput

RGB8 = arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3)))
DEEP = arrays(np.uint16, st.tuples(st.integers(2, 8), st.integers(2, 8), st.just(3)))


@given(RGB8)
def test_eight_bit_rgb_is_unchanged(image):
    np.testing.assert_array_equal(as_rgb8(image), image)


@given(RGB8)
def test_a_fourth_band_is_left_out(image):
    four = np.dstack([image, np.full(image.shape[:2], 9, np.uint8)])
    np.testing.assert_array_equal(as_rgb8(four), image)


@given(RGB8)
def test_grey_is_repeated(image):
    grey = as_rgb8(image[..., 0])
    np.testing.assert_array_equal(grey, as_rgb8(image[..., :1]))
    assert (grey == image[..., :1]).all()


@given(DEEP)
def test_the_stretch_of_sixteen_bits_is_monotonic(image):
    low, high = stretch_of(image)
    stretched = as_rgb8(image)
    assert stretched.dtype == np.uint8
    order = np.argsort(image, axis=None, kind="stable")
    assert (np.diff(stretched.ravel()[order].astype(int)) >= 0).all()
    assert (stretched[image <= low] == 0).all()
    assert (stretched[image >= high] == 255).all()


def test_a_given_stretch_is_used():
    image = np.array([[[0, 1500, 3000]]], dtype=np.uint16)
    np.testing.assert_array_equal(as_rgb8(image, stretch=(0, 3000)), [[[0, 128, 255]]])


def test_an_all_black_deep_image_stays_black():
    assert not as_rgb8(np.zeros((4, 4, 3), np.uint16)).any()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
    ],
)
def test_arrays_that_are_no_picture_are_refused(image):
    with pytest.raises(BadInput, match="is not a picture"):
        as_rgb8(image)


@pytest.mark.parametrize("shape", [(4, 4, 3), (1, 4, 4, 4), (1, 3, 4, 4)])
def test_encoders_accept_batches_of_rgb_only(shape):
    with pytest.raises(BadInput, match="as_rgb8` converts"):
        check_rgb8(np.zeros(shape, np.uint8))
