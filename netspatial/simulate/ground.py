"""Painting open land: water with its shores, fields parcel by parcel, woods, parks and lawns.

First coat of the picture; quarters and ways go over it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.randomness import stream
from netspatial.simulate.canvas import Canvas, Mask
from netspatial.simulate.noise import Array, salt, uniform
from netspatial.simulate.streets import Streets, blocks_on_grid, make_streets
from netspatial.simulate.town import Town, Use

SAND = np.array([178, 166, 140], dtype=np.float32)
TRACK = np.array([163, 150, 126], dtype=np.float32)
CROPS = np.array(
    [
        [92, 106, 62],
        [108, 119, 70],
        [76, 92, 52],
        [128, 128, 84],
        [158, 146, 104],
        [172, 158, 118],
        [140, 118, 92],
        [120, 99, 78],
        [152, 132, 106],
        [100, 104, 68],
    ],
    dtype=np.float32,
)
"""Fields from lush to ripe to bare."""
LUSH = np.array([7, 6, 7, 3, 1, 1, 1, 1, 1, 4], dtype=np.float64)
DRY = np.array([1, 1, 1, 4, 6, 5, 4, 3, 5, 2], dtype=np.float64)
CROP_SLOTS = 64


@dataclass(frozen=True)
class Flora:
    """The season's colours: (3,) each, and the fields' pattern with the crop of each of 64 slots."""

    lawn: Array
    canopy: Array
    water: Array
    deep: Array
    crops: Array
    parcels: Streets


def make_flora(town: Town, look: dict[str, float]) -> Flora:
    """Mix the season's colours and cut the fields."""
    dry = look["dryness"]
    weights = LUSH * (1 - dry) + DRY * dry
    slots = stream(town.seed, "picture", "crops").choice(
        len(CROPS), CROP_SLOTS, p=weights / weights.sum()
    )
    pattern = {
        "district_m": 640.0,
        "block_length_m": 3.1 * town.parameters["parcel_m"],
        "block_depth_m": town.parameters["parcel_m"],
        "grown_share": 0.35,
        "grid_share": 0.25,
    }
    centre = town.centres - np.array([town.left, town.bottom, 0.0, 0.0])
    return Flora(
        lawn=_between((92, 108, 62), (140, 132, 92), dry),
        canopy=_between((50, 66, 40), (82, 82, 52), dry),
        water=_between((66, 88, 92), (98, 104, 84), look["turbidity"]),
        deep=_between((30, 52, 68), (66, 80, 74), look["turbidity"]),
        crops=CROPS[slots],
        parcels=make_streets(int(salt(town.seed, "parcels")), town.size_m, centre, pattern),
    )


def paint_ground(canvas: Canvas, flora: Flora) -> Mask:
    """Paint water, fields, woods and parks; return where the land is dry."""
    town = canvas.town
    shore = _shore(canvas)
    dry = shore > 0
    east = canvas.x.astype(np.float32)[None, :] + 9 * canvas.noise("edge east", 34.0)
    north = canvas.y.astype(np.float32)[:, None] + 9 * canvas.noise("edge north", 31.0)
    use = np.take(town.use, canvas.square(east, north))
    _lawn(canvas, flora)
    fields = dry & (use == Use.FIELD)
    if fields.any():
        _fields(canvas, flora, fields)
    open_land = dry & (use == Use.PARK)
    if open_land.any():
        _woods(canvas, flora, open_land)
    if not dry.all():
        _water(canvas, flora, shore)
    return dry


def _between(low: tuple[int, int, int], high: tuple[int, int, int], part: float) -> Array:
    return np.asarray(np.array(low) * (1 - part) + np.array(high) * part, dtype=np.float32)


def _shore(canvas: Canvas) -> Array:
    rough = 5 * canvas.noise("shore", 46.0) + 2.2 * canvas.noise("shore", 15.0)
    return canvas.smooth(canvas.town.shore) + rough


def _lawn(canvas: Canvas, flora: Flora) -> None:
    tone = 1 + 0.07 * canvas.noise("lawn", 70.0) + 0.045 * canvas.noise("lawn", 13.0)
    tone += 0.1 * (canvas.grain("lawn") - 0.5)
    for band in range(3):
        canvas.rgb[band] = flora.lawn[band] * tone


def _water(canvas: Canvas, flora: Flora, shore: Array) -> None:
    where = shore < 7
    near = shore[where]
    depth = np.clip(-near / 90.0, 0, 1)[None] ** 0.6
    colour = flora.water[:, None] * (1 - depth) + flora.deep[:, None] * depth
    swell = (
        1 + 0.05 * canvas.noise("swell", 380.0)[where] + 0.03 * canvas.noise("ripple", 9.0)[where]
    )
    colour = colour * swell + canvas.look["glint"] * (1 + 0.4 * canvas.noise("wind", 900.0)[where])
    bank = np.clip((near + 3) / 6, 0, 1)
    sandy = np.clip(0.5 + canvas.noise("bank", 500.0)[where], 0, 1) * bank
    colour = colour * (1 - sandy) + SAND[:, None] * sandy
    wet = near < 0
    share = np.where(wet, 1.0, 0.8 * sandy).astype(np.float32)
    for band in range(3):
        canvas.rgb[band][where] += share * (colour[band] - canvas.rgb[band][where])
    canvas.height[shore < 0] = 0


def _fields(canvas: Canvas, flora: Flora, where: Mask) -> None:
    """Each parcel its crop, its furrows and its wear; hedges and tracks between some of them."""
    parcel = blocks_on_grid(flora.parcels, canvas.x, canvas.y)
    seed = canvas.town.seed
    crop = parcel.draw(salt(seed, "crop"))[where]
    slot = (crop * CROP_SLOTS).astype(np.int64)
    worn = 0.06 * canvas.noise("soil", 240.0) + 0.05 * canvas.noise("soil", 85.0)
    worn = worn + 0.03 * canvas.noise("soil", 21.0) + 0.05 * (canvas.grain("soil") - 0.5)
    furrow = 9.0 + 14.0 * ((crop * 977) % 1)
    lines = 0.028 * np.sin(parcel.across[where] * (2 * np.pi / furrow))
    tone = 0.9 + 0.22 * ((crop * 331) % 1) + worn[where] + lines
    canvas.paint(where, flora.crops[slot].T * tone)
    edge = np.minimum(parcel.across, parcel.depth - parcel.across)
    end = np.minimum(parcel.along, parcel.length - parcel.along)
    side = (parcel.across > parcel.depth / 2).astype(np.int32)
    hedge = uniform(salt(seed, "hedge"), parcel.district, parcel.row + side) < 0.28
    ragged = 5.0 + 3.0 * canvas.noise("hedge", 24.0)
    bushes = where & hedge & (edge < ragged) & (canvas.noise("bush", 60.0) > -0.6)
    tracks = where & (np.minimum(parcel.border, end) < 2.2) & ~bushes
    canvas.paint(tracks, TRACK[:, None] * (1 + 0.06 * canvas.noise("soil", 21.0)[tracks]))
    trees = where & (canvas.noise("lone tree", 11.0) + 0.25 * canvas.noise("soil", 240.0) > 2.75)
    _crowns(canvas, flora, bushes | trees, 6.0)


def _woods(canvas: Canvas, flora: Flora, where: Mask) -> None:
    """Closed canopy in the country; in the city lawns, groves and paths."""
    busy = canvas.smooth(canvas.town.intensity)
    open_share = np.clip((busy - 0.033) * 40, -1.6, 0.55)
    groves = canvas.noise("grove", 95.0) + 0.55 * canvas.noise("grove", 33.0)
    wooded = where & (groves - 1.3 * open_share > -0.35)
    path = np.abs(canvas.noise("path", 170.0) + 0.25 * canvas.noise("path", 60.0))
    paths = where & ~wooded & (path < 0.035)
    canvas.paint(paths, TRACK[:, None] * (1.04 + 0.05 * canvas.noise("lawn", 13.0)[paths]))
    _crowns(canvas, flora, wooded, 11.0)


def _crowns(canvas: Canvas, flora: Flora, where: Mask, tall: float) -> None:
    """Tree crowns: a bumpy canopy whose relief the light then shades."""
    bumps = (canvas.noise("crown", 7.3) + 0.7 * canvas.noise("crown", 12.5))[where]
    stand = canvas.noise("stand", 130.0)[where]
    tone = 1 + 0.15 * bumps + 0.09 * stand + 0.1 * (canvas.grain("crown")[where] - 0.5)
    warm = np.array([[0.10], [0.05], [0.02]], dtype=np.float32) * canvas.noise("stand", 47.0)[where]
    canvas.paint(where, flora.canopy[:, None] * (tone + warm))
    canvas.height[where] = np.maximum(tall * (0.75 + 0.22 * bumps), 1.0)
