"""Patches around places, and what a hole in the image does to them."""

import numpy as np
import shapely

from netspatial.city.city import City
from netspatial.context.features.embedding_cache import EmbeddingCache
from netspatial.context.features.image_embedding import PatchLattice, embed_images
from netspatial.scenario.outdated_imagery import OutdatedImagery


class MeanColour:
    """An encoder whose embedding is the mean colour of a patch."""

    name, dim, licence, fingerprint, gsd_m = "mean colour", 3, "none", "mean colour", 10.0

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the mean colours (n, 3)."""
        return images.reshape(len(images), -1, 3).mean(axis=1).astype(np.float32)


def test_a_place_in_a_small_hole_has_no_image_and_its_neighbours_keep_theirs(
    small_city: City, tmp_path
) -> None:
    """A disc of 60 m in patches of 400 m: 7 % of the pixels."""
    middle = np.array(small_city.stations.to_crs(small_city.crs).geometry.iloc[1].coords[0])
    hole = shapely.Point(middle).buffer(60.0)
    image = OutdatedImagery(path=small_city.imagery.path, ground=hole, ground_crs=small_city.crs)
    xy = middle + np.array([[0.0, 0.0], [120.0, 0.0], [0.0, 500.0]])
    lattice, cache = PatchLattice(400.0, 10.0), EmbeddingCache(tmp_path)
    z, share = embed_images(image, small_city.crs, xy, lattice, MeanColour(), cache)
    whole, _ = embed_images(small_city.imagery, small_city.crs, xy, lattice, MeanColour(), cache)
    assert share[0] == 0
    assert (z[0] == 0).all()
    assert 0.9 < share[1] < 0.95
    assert np.abs(z[1] - whole[1]).max() < 10
    assert share[2] == 1.0
    np.testing.assert_array_equal(z[2], whole[2])
