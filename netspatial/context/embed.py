"""Context embeddings of places, the input of generation and forecasting.

A trained context is one weights folder that names its encoders; the default one is built in.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netspatial.arrays import Floats, Floats32, Indices, Mask
from netspatial.bundled_weights import bundled
from netspatial.city.city import City
from netspatial.context.encoders import load_text, load_vision
from netspatial.context.encoders.contract import Encoder
from netspatial.context.features.categories import KIND_NAMES
from netspatial.context.features.city_relative import CityReferences, relative_to_city
from netspatial.context.features.embedding_cache import EmbeddingCache, cache_folder
from netspatial.context.features.extractor import FeatureConfig, FeatureExtractor, Features
from netspatial.context.features.places import ids_of, lonlat_of, positions
from netspatial.errors import BadInput, MissingPart
from netspatial.progress import Progress, count, silent
from netspatial.weights import Weights, arrays, built, load_weights, save_weights

if TYPE_CHECKING:
    from torch import nn

    from netspatial.context.settings import ContextSettings
    from netspatial.context.training.fusion_training import TrainedFusion

KIND = "context"
DEFAULT = bundled("context", "default")
MAX_IMAGES = 20_000
"""Places up to which image features are kept beside the embeddings."""


@dataclass(frozen=True)
class Context:
    """Context embeddings of n places.

    Attributes
    ----------
    embedding : ndarray of float32, (n, d)
        Embeddings, each of unit length.
    ids : ndarray of str, (n,)
        The places' ids, in the order that they were given.
    fingerprint : str
        Hash of the weights, the encoders and the feature settings.
    has_image, has_pois : ndarray of bool, (n,)
        Available modalities; a mask token replaces a missing one.
    summary : pandas.DataFrame
        One row per id: pois (within the radius), count of each kind there, image_share (share of
        the patch with data).
    relative : ndarray of float32, (n, d + k), optional
        Comparison of each place with its city (see `city_relative`), NaN where the city has no
        stations; None where not computed.
    images : ndarray of float32, (n, p), optional
        Image features before the fusion, of up to 20,000 places; not stored in files.
    lonlat : ndarray of float64, (n, 2), optional
        Centre of each place, degrees; None where not known.
    """

    embedding: Floats32
    ids: NDArray[np.str_]
    fingerprint: str
    has_image: Mask
    has_pois: Mask
    summary: pd.DataFrame
    relative: Floats32 | None = None
    images: Floats32 | None = None
    lonlat: Floats | None = None

    def __len__(self) -> int:
        """Number of places."""
        return len(self.embedding)

    def take(self, rows: Sequence[int] | slice) -> "Context":
        """Return some places, in the order of `rows`.

        Parameters
        ----------
        rows : sequence of int or slice
            Rows to return.

        Returns
        -------
        Context
            The embeddings of these places.
        """
        index = rows if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            embedding=self.embedding[index],
            ids=self.ids[index],
            has_image=self.has_image[index],
            has_pois=self.has_pois[index],
            summary=self.summary.iloc[index],
            relative=None if self.relative is None else self.relative[index],
            images=None if self.images is None else self.images[index],
            lonlat=None if self.lonlat is None else self.lonlat[index],
        )


@dataclass(frozen=True)
class ContextModel:
    """A trained fusion with its feature settings. Encoders load when first needed.

    Attributes
    ----------
    weights : Weights
        Tensors and config of the trained network.
    source : str
        Folder that they were loaded from.
    """

    weights: Weights
    source: str

    @cached_property
    def settings(self) -> "ContextSettings":
        """The validated contents of its config."""
        from netspatial.context.settings import ContextSettings  # noqa: PLC0415 torch is heavy

        return self.weights.settings(ContextSettings)

    @property
    def reading(self) -> FeatureConfig:
        """The feature settings."""
        return self.settings.reading

    @property
    def fingerprint(self) -> str:
        """Hash of the weights, the encoders and the feature settings."""
        return self.weights.fingerprint

    @property
    def d(self) -> int:
        """Width of z."""
        return self.settings.shape.d

    @cached_property
    def network(self) -> "nn.Module":
        """The fusion network, ready for use."""
        from netspatial.context.fusion.fusion_variants import FUSION_VARIANTS  # noqa: PLC0415 torch is heavy

        design = FUSION_VARIANTS[self.settings.recipe.design]
        shape = self.settings.shape
        return built(lambda: design.build(shape), self.weights.tensors, self.source).eval()

    @cached_property
    def extractor(self) -> FeatureExtractor:
        """The feature extractor, with encoders that are checked to be those of the training."""
        extractor = make_extractor(self.reading)
        known = self.settings.encoders
        for modality, encoder, trained in (
            ("vision", extractor.vision, known.vision),
            ("text", extractor.text, known.text),
        ):
            if (encoder.fingerprint, encoder.dim) != (trained.fingerprint, trained.dim):
                raise BadInput(
                    f"{self.source} was trained on the {modality} encoder '{encoder.name}' of "
                    f"width {trained.dim} and hash {trained.fingerprint}, and the one here has "
                    f"width {encoder.dim} and hash {encoder.fingerprint}; train the context again."
                )
        return extractor

    @cached_property
    def _city_references(self) -> CityReferences:
        """The cached references of recently used cities."""
        return CityReferences()

    def embed(
        self,
        city: City,
        places: gpd.GeoDataFrame,
        progress: Progress = silent,
    ) -> Context:
        """Embed each place of `city`: cells, stations or any geometries with a CRS.

        Parameters
        ----------
        city : City
            A city with imagery, points of interest, or both.
        places : geopandas.GeoDataFrame
            The n places.
        progress : callable
            Called after each batch of places.

        Returns
        -------
        Context
            The embeddings, in the order of `places`.

        Raises
        ------
        MissingPart
            If the city has neither imagery nor points of interest.
        """
        if not (city.has("imagery") or city.has("pois")):
            raise MissingPart(
                f"The city '{city.name}' has neither imagery nor pois, so that its places cannot "
                "be embedded; add one of the two."
            )
        xy, n = positions(places, city.crs), len(places)
        z = np.empty((n, self.d), np.float32)
        has_image, has_pois = np.zeros(n, bool), np.zeros(n, bool)
        share, counts = np.zeros(n), np.zeros((n, len(KIND_NAMES)), np.int64)
        images = np.zeros((n, self.extractor.vision.dim), np.float32) if n <= MAX_IMAGES else None
        done = 0
        for rows, features in self.extractor.stream(city, xy):
            if images is not None:
                images[rows] = features.image
            z[rows] = self.fuse(features)
            has_image[rows], has_pois[rows] = features.image_present, features.pois_present
            share[rows], counts[rows] = features.image_share, self._near_counts(features)
            done += len(rows)
            count(progress, done, n, "places")
        ids = ids_of(places)
        summary = pd.DataFrame(counts, index=pd.Index(ids, name="id"), columns=list(KIND_NAMES))
        summary.insert(0, "pois", counts.sum(axis=1))
        summary["image_share"] = share
        reference = self._city_references(city, lambda some: self._z(city, some))
        relative = relative_to_city(city, places, z, reference)
        return Context(
            z,
            ids,
            self.fingerprint,
            has_image,
            has_pois,
            summary,
            relative,
            images,
            lonlat_of(xy, city.crs),
        )

    def _z(self, city: City, places: gpd.GeoDataFrame) -> Floats32:
        """Return the embeddings alone, (n, d)."""
        z = np.empty((len(places), self.d), np.float32)
        for rows, features in self.extractor.stream(city, positions(places, city.crs)):
            z[rows] = self.fuse(features)
        return z

    def fuse(
        self,
        features: Features,
        show_image: Mask | None = None,
        show_pois: Mask | None = None,
    ) -> Floats32:
        """Return z (n, d) of frozen features, with all modalities or with the shown ones only.

        Parameters
        ----------
        features : Features
            Frozen features of n places.
        show_image, show_pois : ndarray of bool, (n,), optional
            Modalities that are shown; all present ones by default.

        Returns
        -------
        ndarray of float32, (n, d)
            Embeddings of unit length.
        """
        import torch  # noqa: PLC0415 light commands do not need it

        from netspatial.context.fusion.feature_projector import to_batch  # noqa: PLC0415

        image, pois = features.image_present, features.pois_present
        with torch.no_grad():
            out = self.network(
                to_batch(features),
                torch.from_numpy(image if show_image is None else image & show_image),
                torch.from_numpy(pois if show_pois is None else pois & show_pois),
            )
        z: Floats32 = out.z.numpy()
        return z

    def _near_counts(self, features: Features) -> Indices:
        """Count the POIs of each kind in the rings inside the radius, (n, kinds)."""
        reading = self.reading
        rings = features.tally.reshape(len(features), len(reading.rings_m), len(KIND_NAMES))
        inside = np.array(reading.rings_m) <= reading.radius_m
        near: Indices = rings[:, inside].sum(axis=1)
        return near


def make_extractor(reading: FeatureConfig) -> FeatureExtractor:
    """Return the feature extractor of these settings, with the cache of this machine."""
    return FeatureExtractor(
        reading,
        load_vision(reading.vision),
        load_text(reading.text),
        EmbeddingCache(cache_folder()),
    )


def load_context(folder: str | Path | None = None) -> ContextModel:
    """Load a trained context from its folder; by default the built-in one.

    Parameters
    ----------
    folder : str or Path, optional
        Folder that `make_context` wrote.

    Returns
    -------
    ContextModel
        The model; its encoders are not loaded yet.
    """
    path = DEFAULT if folder is None else Path(folder)
    return ContextModel(load_weights(path, KIND), str(path))


def save_context(
    folder: Path,
    trained: "TrainedFusion",
    extractor: FeatureExtractor,
    facts: dict[str, Any],
    card: str,
) -> str:
    """Write the folder of a trained context; return its fingerprint.

    facts : facts of the training, for example its data and scores
    """
    config = {
        "design_version": 1,
        "reading": asdict(extractor.reading),
        "recipe": asdict(trained.recipe),
        "shape": asdict(trained.shape),
        "encoders": {"vision": _describe(extractor.vision), "text": _describe(extractor.text)},
        "facts": facts,
    }
    return save_weights(folder, KIND, arrays(trained.model), config, card)


def embed(
    city: City,
    places: gpd.GeoDataFrame,
    model: ContextModel | None = None,
    progress: Progress = silent,
) -> Context:
    """Embed each place of `city` with `model`, by default the built-in context.

    Parameters
    ----------
    city : City
        A city with imagery, points of interest, or both.
    places : geopandas.GeoDataFrame
        Cells, stations or any geometries with a CRS.
    model : ContextModel, optional
        Trained context.
    progress : callable
        Called after each batch of places.

    Returns
    -------
    Context
        The embeddings, in the order of `places`.

    Raises
    ------
    MissingPart
        If the city has neither imagery nor points of interest.
    """
    return (model or _bundled_context()).embed(city, places, progress)


@lru_cache(maxsize=1)
def _bundled_context() -> ContextModel:
    return load_context()


def _describe(encoder: Encoder) -> dict[str, Any]:
    return {
        "name": encoder.name,
        "dim": encoder.dim,
        "licence": encoder.licence,
        "fingerprint": encoder.fingerprint,
    }
