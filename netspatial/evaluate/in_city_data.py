"""Tasks of generation inside a city: places, features and traffic, and what is held out.

One form for simulated cities, City folders and measured data sets; the features that exist decide
the kernels and the baselines.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from netspatial.arrays import Floats32, Indices
from netspatial.baselines.generate.hierarchy import drawing_from
from netspatial.baselines.in_city import CitySites
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.errors import BadInput
from netspatial.generate.city_data import conditions, load_series
from netspatial.generate.generator import Generator
from netspatial.generate.measured import moments_of, read_places
from netspatial.kriging.kernels import Places
from netspatial.kriging.series import Moments
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

SAMPLES = 19
Split = Literal["random", "blocks"]
Protocol = Literal["same", "coming"]


@dataclass(frozen=True)
class ZeroShot:
    """What the generator alone draws for places.

    drawn : (n, SAMPLES, T) along the hours of the task; moments : of those
    same_unit : whether the unit of the task is the generator's
    """

    drawn: Floats32
    moments: Moments
    same_unit: bool


@dataclass(frozen=True)
class InCityData:
    """Places of a city with complete series.

    zero_shot : None where the generator cannot read the places' surroundings
    held_out  : parts that are held out in turn, where the data set decides them
    notes     : on stations left out
    """

    name: str
    sites: CitySites
    places: Places
    ids: tuple[str, ...]
    unit: str
    zero_shot: ZeroShot | None = None
    held_out: Mapping[Split, tuple[Indices, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of places."""
        return len(self.ids)

    @property
    def fingerprint(self) -> str:
        """Changes with the series and with what the generator draws."""
        digest = hashlib.blake2b(digest_size=8)
        drawn = () if self.zero_shot is None else (self.zero_shot.drawn,)
        for values in (self.sites.x, *drawn, self.places.xy):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()

    @property
    def weeks(self) -> int:
        """Whole weeks of the series."""
        return len(self.sites.hours) // HOURS_PER_WEEK

    @property
    def located(self) -> bool:
        """Whether coordinates are known; without them there are no blocks and no distances."""
        return bool(np.isfinite(self.places.xy).all())

    def splits(self) -> tuple[Split, ...]:
        """Return the ways in which places can be held out."""
        return ("random", "blocks") if self.located else ("random",)

    def parts(self, split: Split, folds: int, block_km: float, seed: int) -> tuple[Indices, ...]:
        """Return the places that are held out together, part by part."""
        if split in self.held_out:
            return self.held_out[split]
        if len(self) < 2 * folds:
            raise BadInput(
                f"'{self.name}' has {len(self)} stations that can be scored; {folds} folds need "
                f"{2 * folds}. Use fewer folds or measure more stations."
            )
        fold = _folds(self.places, split, folds, block_km, seed)
        if len(np.unique(fold)) == 1:
            raise BadInput(
                f"All stations of '{self.name}' lie in one block of {block_km:g} km; use smaller "
                "blocks."
            )
        parts = (np.flatnonzero(fold == at) for at in range(folds))
        return tuple(part for part in parts if len(part))


def city_data(
    city: City, context_model: ContextModel, generator: Generator, service: str = "total"
) -> InCityData:
    """Read the complete series of a city, embed its stations and draw without measurements."""
    loaded = load_series(city, service)
    context = context_model.embed(city, loaded.stations)
    places = read_places(city, loaded.stations, context, context_model, generator)
    hours = np.asarray(loaded.hours, dtype=np.int64)
    along = np.broadcast_to(hours.astype(np.int16), loaded.x.shape)
    drawn = drawing_from(generator.model)(conditions(context), along, SAMPLES, 0)
    raw = np.concatenate([places.features["counts"], places.features["network"]], axis=1)
    return InCityData(
        city.name,
        CitySites(loaded.x, hours, places.xy, places.features["embedding"], raw),
        places,
        tuple(loaded.stations["station_id"].astype(str)),
        loaded.unit,
        ZeroShot(drawn, moments_of(drawn, hours, places), loaded.unit == generator.facts.unit),
        notes=loaded.notes,
    )


def _folds(places: Places, split: Split, folds: int, block_km: float, seed: int) -> Indices:
    random = stream(seed, "folds", split)
    if split == "random":
        return random.permutation(len(places)) % folds
    xy = places.xy
    corner = xy.min(axis=0) - random.uniform(0, 1000 * block_km, 2)
    block = np.floor((xy - corner) / (1000 * block_km)).astype(np.int64)
    _, number = np.unique(block, axis=0, return_inverse=True)
    of_block = random.permutation(int(number.max()) + 1) % folds
    found: Indices = of_block[number.ravel()]
    return found
