"""Frozen features of places, the inputs of the fusion: image and text embeddings, POI counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from netspatial.arrays import Floats, Floats32, Indices, Mask
from netspatial.city.city import City
from netspatial.context.encoders import TextEncoder, VisionEncoder
from netspatial.context.features.categories import KIND_NAMES
from netspatial.context.features.embedding_cache import EmbeddingCache, content_key
from netspatial.context.features.image_embedding import VALID_SHARE, PatchLattice, embed_images
from netspatial.context.features.neighbourhood import Pois, nearest_pois, read_pois, tally_kinds
from netspatial.context.features.prompts import WORDINGS, word
from netspatial.errors import BadInput


@dataclass(frozen=True)
class FeatureConfig:
    """Settings of the features, stored with the weights that were trained on them.

    Attributes
    ----------
    vision, text : str
        Encoders, as `load_vision` and `load_text` read them.
    patch_m : float
        Side of the image patch, m.
    radius_m : float
        Radius within which points of interest get prompts, m.
    at_most : int
        Most points of interest with a prompt.
    rings_m : tuple of float
        Outer radii of the rings in which kinds of points of interest are counted, m.
    wording : str
        How prompts are worded.
    """

    vision: str = "satvit"
    text: str = "minilm"
    patch_m: float = 640.0
    radius_m: float = 300.0
    at_most: int = 48
    rings_m: tuple[float, ...] = (150.0, 300.0, 600.0, 1000.0)
    wording: str = "coarse"

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.patch_m <= 0 or self.radius_m <= 0 or self.at_most < 1:
            raise BadInput("patch_m, radius_m and at_most must be greater than zero.")
        if self.wording not in WORDINGS:
            raise BadInput(
                f"There is no wording '{self.wording}' of POIs; the known ones are "
                f"{', '.join(WORDINGS)}."
            )
        if not self.rings_m or sorted(set(self.rings_m)) != list(self.rings_m):
            raise BadInput("rings_m must be radii in metres from small to large.")

    @property
    def tally_width(self) -> int:
        """Number of counts of a place: rings times kinds."""
        return len(self.rings_m) * len(KIND_NAMES)


@dataclass(frozen=True)
class Features:
    """Frozen features of n places, q POIs near them and m distinct prompts.

    image   : (n, D_I) float32, zero where there is none; image_share : (n,) share of valid pixels
    nearest : (n, K) rows of the POIs, -1 for none
    tally   : (n, rings * kinds) POIs of each kind in each ring
    address, surroundings : (q,) rows of `text`; text : (m, D_T) float32
    """

    image: Floats32
    image_share: Floats
    nearest: Indices
    tally: Indices
    address: Indices
    surroundings: Indices
    text: Floats32

    def __len__(self) -> int:
        """Number of places."""
        return len(self.image)

    @property
    def image_present(self) -> Mask:
        """Mask (n,) of places with an image."""
        return self.image_share >= VALID_SHARE

    @property
    def pois_present(self) -> Mask:
        """Mask (n,) of places with at least one POI within the radius."""
        return self.nearest[:, 0] >= 0

    def take(self, rows: Indices) -> "Features":
        """Return the features of some places, with only the POIs and prompts that they use."""
        nearest = self.nearest[rows]
        used, back = np.unique(nearest, return_inverse=True)
        here = used >= 0
        texts, text_back = np.unique(
            np.concatenate([self.address[used[here]], self.surroundings[used[here]]]),
            return_inverse=True,
        )
        count = int(here.sum())
        return Features(
            image=self.image[rows],
            image_share=self.image_share[rows],
            nearest=back.reshape(nearest.shape) - int((~here).sum()),
            tally=self.tally[rows],
            address=text_back[:count],
            surroundings=text_back[count:],
            text=self.text[texts],
        )


def join(parts: Sequence[Features]) -> Features:
    """Join the features of several cities."""
    pois = np.cumsum([0] + [len(part.address) for part in parts])
    texts = np.cumsum([0] + [len(part.text) for part in parts])
    shifted = [
        replace(
            part,
            nearest=np.where(part.nearest >= 0, part.nearest + poi, -1),
            address=part.address + text,
            surroundings=part.surroundings + text,
        )
        for part, poi, text in zip(parts, pois, texts, strict=False)
    ]
    return Features(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in shifted])
            for field in fields(Features)
        }
    )


@dataclass(frozen=True)
class FeatureExtractor:
    """Feature settings with their two frozen encoders and the cache of embeddings."""

    reading: FeatureConfig
    vision: VisionEncoder
    text: TextEncoder
    cache: EmbeddingCache

    def stream(self, city: City, xy: Floats) -> Iterator[tuple[Indices, Features]]:
        """Yield rows of `xy` ((n, 2) metres in the city's CRS) with their features, block by block.

        Without imagery or POIs in the city, that modality is absent at every place.
        """
        pois = read_pois(city.pois, city.crs) if city.has("pois") else no_pois()
        for rows, image, share in self._images(city, xy):
            yield rows, self._with_pois(xy[rows], pois, image, share)

    def read(self, city: City, xy: Floats) -> Features:
        """Return the features of all places in their order."""
        order, parts = zip(*self.stream(city, xy), strict=True)
        return join(parts).take(np.argsort(np.concatenate(order)))

    def images(self, city: City, xy: Floats) -> Floats32:
        """Return the image features alone of all places, (n, p)."""
        found = np.zeros((len(xy), self.vision.dim), np.float32)
        for rows, image, _ in self._images(city, xy):
            found[rows] = image
        return found

    def _images(self, city: City, xy: Floats) -> Iterator[tuple[Indices, Floats32, Floats]]:
        """Yield rows of `xy` with image features and the share of valid pixels, block by block."""
        lattice = PatchLattice(self.reading.patch_m, self.vision.gsd_m)
        for rows in lattice.blocks(xy):
            if city.has("imagery"):
                image, share = embed_images(
                    city.imagery, city.crs, xy[rows], lattice, self.vision, self.cache
                )
            else:
                image = np.zeros((len(rows), self.vision.dim), np.float32)
                share = np.zeros(len(rows))
            yield rows, image, share

    def _with_pois(
        self,
        xy: Floats,
        pois: Pois,
        image: Floats32,
        share: Floats,
    ) -> Features:
        reading = self.reading
        nearest = nearest_pois(xy, pois, reading.radius_m, reading.at_most)
        used, back = np.unique(nearest, return_inverse=True)
        here = used[used >= 0]
        prompts = word(pois, here, reading.wording)
        keys = [content_key(self.text.fingerprint, text.encode()) for text in prompts.texts]
        text = self.cache.embed(
            keys,
            self.text.dim,
            lambda positions: self.text.encode([prompts.texts[at] for at in positions]),
        )
        return Features(
            image=image,
            image_share=share,
            nearest=back.reshape(nearest.shape) - (len(used) - len(here)),
            tally=tally_kinds(xy, pois, reading.rings_m).reshape(len(xy), -1),
            address=prompts.address,
            surroundings=prompts.surroundings,
            text=text,
        )


def no_pois() -> Pois:
    """Return an empty set of POIs."""
    nothing = np.empty(0, np.str_)
    return Pois(np.empty((0, 2)), np.empty(0, np.int64), nothing, nothing, nothing)
