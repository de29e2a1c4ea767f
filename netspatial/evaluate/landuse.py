"""Linear probe of land use: ridge regression from z to the mix of uses around a place.

Used by `netspatial bench context`. Land use is not an input of any model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from netspatial.arrays import AnyFloats, Floats, Indices
from netspatial.city.city import City

STRENGTHS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
"""Ridge penalties tried, per standardised feature; chosen on the training cities alone."""


def landuse_mix(city: City, xy: Floats, uses: Sequence[str], radius_m: float = 300.0) -> Floats:
    """Return each use's share of the disc around each place `xy` (city's CRS), (n, uses)."""
    polygons = city.landuse.to_crs(city.crs)
    discs = np.asarray(shapely.buffer(shapely.points(xy), radius_m, quad_segs=8))
    tree = shapely.STRtree(polygons.geometry.to_numpy())
    at, polygon = tree.query(discs, predicate="intersects")
    overlap = shapely.area(shapely.intersection(discs[at], polygons.geometry.to_numpy()[polygon]))
    mix = np.zeros((len(xy), len(uses)))
    order = {use: column for column, use in enumerate(uses)}
    columns = np.array([order[use] for use in polygons["use"]])
    np.add.at(mix, (at, columns[polygon]), overlap)
    shares: Floats = mix / np.maximum(mix.sum(axis=1, keepdims=True), 1e-9)
    return shares


def uses_of(cities: Sequence[City]) -> list[str]:
    """Return all land uses of the cities."""
    return sorted({use for city in cities for use in city.landuse["use"].unique()})


@dataclass(frozen=True)
class Line:
    """A ridge regression on standardised features: y = ((x - mean) / scale) weights + offset."""

    mean: Floats
    scale: Floats
    weights: Floats
    offset: Floats

    def predict(self, x: AnyFloats) -> Floats:
        """Return the predictions (n, k) for features x (n, D)."""
        predictions: Floats = (x - self.mean) / self.scale @ self.weights + self.offset
        return predictions


def fit_line(x: AnyFloats, y: Floats, group: Indices) -> Line:
    """Fit y (n, k) to x (n, D); the penalty is chosen by cross-validation over groups."""
    errors = [
        sum(
            float(
                (
                    (
                        _fit(x[group != g], y[group != g], strength).predict(x[group == g])
                        - y[group == g]
                    )
                    ** 2
                ).sum()
            )
            for g in np.unique(group)
        )
        for strength in STRENGTHS
    ]
    return _fit(x, y, STRENGTHS[int(np.argmin(errors))])


def r_squared(y: Floats, predicted: Floats) -> float:
    """Share of the variance of y (n, k), summed over its columns, that the prediction explains."""
    return float(1 - ((y - predicted) ** 2).sum() / ((y - y.mean(axis=0)) ** 2).sum())


def _fit(x: AnyFloats, y: Floats, strength: float) -> Line:
    mean, scale = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    scale = np.where(scale > 1e-9, scale, 1.0)
    standard, offset = (x - mean) / scale, y.mean(axis=0)
    gram = standard.T @ standard + strength * np.eye(x.shape[1])
    return Line(mean, scale, np.linalg.solve(gram, standard.T @ (y - offset)), offset)


def station_points(city: City) -> gpd.GeoDataFrame:
    """Return the places of a city's stations in its metric CRS."""
    return city.stations.to_crs(city.crs)
