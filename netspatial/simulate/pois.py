"""Points of interest of a simulated town, as far as they are mapped.

An inhomogeneous point process by land use and kind; names and addresses
follow the town's language and streets.
"""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats, Indices
from netspatial.randomness import stream
from netspatial.simulate.addresses import language
from netspatial.simulate.categories import KINDS
from netspatial.simulate.names import spell
from netspatial.simulate.noise import gaussian_field
from netspatial.simulate.town import Town, Use, street_at
from netspatial.simulate.words import WORDS

CHAIN_KINDS = ("shop=", "amenity=fast_food", "amenity=cafe", "amenity=fuel", "amenity=bank")
CHAINS_PER_KIND = 4


def scatter_pois(town: Town, count: int, drawn: dict[str, float]) -> gpd.GeoDataFrame:
    """Draw `count` mapped points of interest in the town's CRS.

    Columns: name (may be empty), category (`key=value` of OpenStreetMap), address (may be empty),
    source. Places cluster beyond what land use explains, and whole quarters are mapped poorly.

    drawn : the section "pois" of the parameters
    """
    random = stream(town.seed, "pois", "places")
    lively = _liveliness(town, drawn).ravel()
    tables = _kinds_by_use()
    expected = np.array([tables[:, use].sum() for use in Use])
    weight = expected[town.use.ravel()] * lively
    square = _draw_indices(np.cumsum(weight), count, random)
    use = town.use.ravel()[square]
    kind = np.empty(count, dtype=np.int64)
    for k in Use:
        here = np.flatnonzero(use == k)
        if len(here):
            kind[here] = _draw_indices(np.cumsum(tables[:, k]), len(here), random)
    x, y = _within(town, square, random)
    categories = np.array(list(KINDS), dtype=object)[kind]
    return gpd.GeoDataFrame(
        {
            "name": _names(town, kind, categories, drawn),
            "category": categories.astype(str),
            "address": _addresses(town, x, y, drawn["addressless_share"]),
            "source": "simulated",
        },
        geometry=gpd.points_from_xy(x, y),
        crs=town.crs,
    )


def _kinds_by_use() -> Floats:
    """Return places per km² of busy land, (kinds, uses)."""
    return np.array([[kind.density.get(use, 0.0) for use in Use] for kind in KINDS.values()])


def _liveliness(town: Town, drawn: dict[str, float]) -> Floats:
    """Return the number of mapped places of each square over that expected, relative."""
    busy = (0.05 + 0.95 * town.intensity.astype(np.float64)) ** drawn["busy_power"]
    squares = (drawn["clustering_m"] / town.step_m,) * 2
    clusters = np.exp(
        drawn["clustering"] * gaussian_field(town.seed, "clusters", town.use.shape, squares)
    )
    squares = (drawn["mapping_m"] / town.step_m,) * 2
    coverage = gaussian_field(town.seed, "mappers", town.use.shape, squares)
    # Between districts the mapped share varies from 0 to 1 around 1 - dropout.
    mapped = np.clip(1 - drawn["dropout"] * (1 - 0.9 * coverage), 0.0, 1.0)
    return np.asarray(busy * clusters * mapped)


def _draw_indices(cumulated: Floats, count: int, random: np.random.Generator) -> Indices:
    """Draw indices in proportion to weights given by their running sum."""
    return np.searchsorted(cumulated, random.uniform(0, cumulated[-1], count), side="right")


def _within(town: Town, square: Indices, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Return points somewhere in the given squares of the map, metres in the town's CRS."""
    row, column = np.divmod(square, town.use.shape[1])
    offset = random.uniform(0.0, 1.0, (2, len(square)))
    top = town.bottom + town.use.shape[0] * town.step_m
    return town.left + (column + offset[0]) * town.step_m, top - (row + offset[1]) * town.step_m


def _names(
    town: Town,
    kind: Indices,
    categories: NDArray[np.object_],
    drawn: dict[str, float],
) -> NDArray[np.str_]:
    """Return names: most from people and quarters, some of a chain, some empty."""
    random = stream(town.seed, "pois", "names")
    words = WORDS[language(town.streets.seed)]
    names = np.empty(len(kind), dtype=object)
    for number, (category, described) in enumerate(KINDS.items()):
        here = np.flatnonzero(kind == number)
        names[here] = spell(words, described.named, len(here), random)
        if category.startswith(CHAIN_KINDS):
            chains = spell(words, described.named, CHAINS_PER_KIND, random)
            branch = random.uniform(size=len(here)) < drawn["chain_share"]
            names[here[branch]] = chains[random.integers(0, CHAINS_PER_KIND, branch.sum())]
    nameless = random.uniform(size=len(kind)) < drawn["nameless_share"]
    often_nameless = np.isin(categories, ["amenity=parking", "leisure=playground", "leisure=pitch"])
    names[nameless | (often_nameless & (random.uniform(size=len(kind)) < 0.6))] = ""
    return names.astype(str)


def _addresses(town: Town, x: Floats, y: Floats, addressless: float) -> NDArray[np.str_]:
    if not len(x):
        return np.array([], dtype=str)
    streets, numbers = street_at(town, x, y)
    spelled = np.array(
        [f"{street} {number}" for street, number in zip(streets, numbers, strict=True)],
        dtype=object,
    )
    random = stream(town.seed, "pois", "addresses")
    spelled[random.uniform(size=len(x)) < addressless] = ""
    return spelled.astype(str)
