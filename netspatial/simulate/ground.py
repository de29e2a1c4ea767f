"""Painting open land: water with its shores, fields parcel by parcel, woods, parks and lawns.

First layer of the picture; quarters and ways are painted over it.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Mask
from netspatial.randomness import stream
from netspatial.simulate.canvas import Canvas, Pick
from netspatial.simulate.noise import Array, salt, uniform
from netspatial.simulate.streets import Blocks, Streets, blocks_on_grid, make_streets
from netspatial.simulate.town import Town, Use

SAND = np.array([178, 166, 140], dtype=np.float32)
TRACK = np.array([163, 150, 126], dtype=np.float32)
CROPS = np.array(
    [
        [90, 103, 66],
        [104, 114, 72],
        [78, 92, 58],
        [121, 122, 84],
        [143, 135, 102],
        [154, 144, 112],
        [130, 114, 92],
        [112, 98, 80],
        [139, 124, 102],
        [100, 104, 72],
    ],
    dtype=np.float32,
)
"""Fields from lush to ripe to bare."""
LUSH = np.array([7, 6, 7, 3, 1, 1, 1, 1, 1, 4], dtype=np.float64)
DRY = np.array([1, 1, 1, 4, 6, 5, 4, 3, 5, 2], dtype=np.float64)
CROP_SLOTS = 64
SPLASH_M = 7.0
"""How far from the water its bank may show, metres."""
LANE = np.array([138, 134, 126], dtype=np.float32)
BARNS = np.array([[128, 92, 76], [112, 104, 98], [150, 146, 140], [120, 80, 66]], dtype=np.float32)
FARMS = 0.035
"""Share of parcels with a farmstead in a corner."""


@dataclass(frozen=True)
class Flora:
    """The season's colours, (3,) each, and the fields' pattern with the crop of each slot."""

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
        lawn=_between((94, 105, 70), (137, 129, 94), dry),
        canopy=_between((50, 66, 40), (82, 82, 52), dry),
        water=_between((66, 88, 92), (98, 104, 84), look["turbidity"]),
        deep=_between((30, 52, 68), (66, 80, 74), look["turbidity"]),
        crops=CROPS[slots],
        parcels=make_streets(int(salt(town.seed, "parcels")), town.size_m, centre, pattern),
    )


def paint_ground(canvas: Canvas, flora: Flora) -> Mask:
    """Paint water, fields, woods and parks; return where the land is dry, (pixels,)."""
    shore = _shore(canvas)
    dry = shore > 0
    use = canvas.use_near(9.0)
    paint_lawn(canvas, flora, np.arange(dry.size))
    fields = np.flatnonzero(dry & (use == Use.FIELD))
    if fields.size:
        _fields(canvas, flora, fields)
    woods = np.flatnonzero(dry & (use == Use.PARK))
    if woods.size:
        _woods(canvas, flora, woods)
    water = np.flatnonzero(shore < SPLASH_M)
    if water.size:
        _water(canvas, flora, water, shore[water])
    return dry


def paint_lawn(canvas: Canvas, flora: Flora, pick: Pick) -> None:
    """Mown grass, with its worn patches."""
    tone = 1 + 0.07 * canvas.noise("lawn", 70.0, pick) + 0.045 * canvas.noise("lawn", 13.0, pick)
    canvas.paint(pick, flora.lawn, tone + 0.1 * canvas.grain("lawn", pick))


def paint_crowns(canvas: Canvas, flora: Flora, pick: Pick, tall: float) -> None:
    """Tree crowns `tall` metres high: a bumpy canopy, lit on its sunny flanks."""
    bumps = canvas.noise("crown", 7.3, pick) + 0.7 * canvas.noise("crown", 12.5, pick)
    tone = 1 + 0.15 * bumps + 0.09 * canvas.noise("stand", 130.0, pick)
    tone += 0.1 * canvas.grain("crown", pick)
    species = canvas.noise("stand", 47.0, pick)
    warm = np.array([0.10, 0.05, 0.02], dtype=np.float32)[:, None] * species
    canvas.paint(pick, flora.canopy[:, None] * (tone + warm))
    canvas.raise_to(pick, np.maximum(tall * (0.75 + 0.22 * bumps), 1.0))


def _between(low: tuple[int, int, int], high: tuple[int, int, int], part: float) -> Array:
    return np.asarray(np.array(low) * (1 - part) + np.array(high) * part, dtype=np.float32)


def _shore(canvas: Canvas) -> Array:
    rough = 5 * canvas.noise("shore", 46.0) + 2.2 * canvas.noise("shore", 15.0)
    return canvas.smooth(canvas.town.shore) + rough


def _water(canvas: Canvas, flora: Flora, pick: Pick, shore: Array) -> None:
    """Deep and shallow water, its swell and glint; sand or mud on some of the banks."""
    depth = 0.7 * np.clip(-shore / 90.0, 0, 1) ** 0.6 + 0.3 * np.clip(-shore / 900.0, 0, 1)
    swell = (
        1 + 0.012 * canvas.noise("swell", 380.0, pick) + 0.03 * canvas.noise("ripple", 9.0, pick)
    )
    mirrored = canvas.look["glint"] * (1 + 0.2 * canvas.noise("wind", 3100.0, pick))
    bank = np.clip((shore + 3) / 6, 0, 1)
    sandy = np.clip(0.5 + canvas.noise("bank", 500.0, pick), 0, 1) * bank
    share = np.where(shore < 0, np.float32(1.0), 0.8 * sandy)
    for band in range(3):
        wet = (flora.water[band] * (1 - depth) + flora.deep[band] * depth) * swell + mirrored
        colour = wet * (1 - sandy) + SAND[band] * sandy
        canvas.rgb[band][pick] += share * (colour - canvas.rgb[band][pick])
    canvas.raise_to(pick[shore < 0], 0.0)


def _fields(canvas: Canvas, flora: Flora, pick: Pick) -> None:
    """Each parcel its crop, its furrows and its wear; hedges, tracks and farms among them."""
    parcel = blocks_on_grid(flora.parcels, canvas.x, canvas.y).at(pick)
    seed = canvas.town.seed
    crop = parcel.draw(salt(seed, "crop"))
    worn = 0.06 * canvas.noise("soil", 240.0, pick) + 0.05 * canvas.noise("soil", 85.0, pick)
    worn += 0.03 * canvas.noise("soil", 21.0, pick) + 0.05 * canvas.grain("soil", pick)
    furrow = 9.0 + 14.0 * ((crop * 977) % 1)
    lines = 0.028 * np.sin(parcel.across * (2 * np.pi / furrow))
    tone = 0.93 + 0.14 * ((crop * 331) % 1) + worn + lines
    canvas.paint(pick, flora.crops[(crop * CROP_SLOTS).astype(np.int64)].T, tone)
    edge = np.minimum(parcel.across, parcel.depth - parcel.across)
    end = np.minimum(parcel.along, parcel.length - parcel.along)
    side = (parcel.across > parcel.depth / 2).astype(np.int32)
    hedge = uniform(salt(seed, "hedge"), parcel.district, parcel.row + side) < 0.28
    ragged = 5.0 + 3.0 * canvas.noise("hedge", 24.0, pick)
    bushes = hedge & (edge < ragged) & (canvas.noise("bush", 60.0, pick) > -0.6)
    soil = 1 + 0.06 * canvas.noise("soil", 21.0, pick)
    tracks = (end < 2.0) & ~bushes
    canvas.paint(pick[tracks], TRACK, soil[tracks])
    lanes = parcel.border < 3.2
    canvas.paint(pick[lanes], LANE, soil[lanes])
    lone = canvas.noise("lone tree", 11.0, pick) + 0.25 * canvas.noise("soil", 240.0, pick) > 2.75
    _farms(canvas, flora, pick, parcel, crop)
    paint_crowns(canvas, flora, pick[(bushes | lone) & ~lanes], 6.0)


def _farms(canvas: Canvas, flora: Flora, pick: Pick, parcel: Blocks, crop: Array) -> None:
    """A farmyard in the corner of a few parcels: a house, a barn, a shed, trees around."""
    chance = (crop * 5851) % 1
    yard = (chance < FARMS) & (parcel.along < 74) & (parcel.across < 52) & (parcel.border > 4)
    if not yard.any():
        return
    along, across = parcel.along[yard], parcel.across[yard]
    here, own = pick[yard], (chance[yard] / FARMS)
    paint_lawn(canvas, flora, here)
    paved = (along > 14) & (along < 60) & (across > 8) & (across < 40)
    canvas.paint(here[paved], TRACK, 0.95 + 0.1 * own[paved])
    shift = 8 * own
    house = (np.abs(along - 22 - shift) < 8) & (np.abs(across - 14) < 5)
    barn = (np.abs(along - 48) < 7) & (np.abs(across - 24 - shift) < 15)
    shed = (np.abs(along - 26) < 11) & (np.abs(across - 36 + shift / 2) < 6)
    for part, kind in ((house, 0), (barn, 1), (shed, 2)):
        roof = ((own[part] * 97 + kind).astype(np.int64)) % len(BARNS)
        canvas.paint(here[part], BARNS[roof].T)
        canvas.raise_to(here[part], 6.5)
    leafy = ~(paved | house | barn | shed) & (canvas.noise("crown", 12.5, here) > 0.3)
    paint_crowns(canvas, flora, here[leafy], 8.0)


def _woods(canvas: Canvas, flora: Flora, pick: Pick) -> None:
    """Closed canopy in the country; in the city lawns, groves and paths."""
    busy = np.take(canvas.smooth(canvas.town.intensity), pick)
    open_share = np.clip((busy - 0.033) * 40, -1.6, 0.34)
    groves = canvas.noise("grove", 95.0, pick) + 0.55 * canvas.noise("grove", 33.0, pick)
    wooded = groves - 2.1 * open_share > -0.35
    path = np.abs(canvas.noise("path", 170.0, pick) + 0.25 * canvas.noise("path", 60.0, pick))
    paths = pick[~wooded & (path < 0.035)]
    canvas.paint(paths, TRACK, 1.04 + 0.05 * canvas.noise("lawn", 13.0, paths))
    paint_crowns(canvas, flora, pick[wooded], 11.0)
