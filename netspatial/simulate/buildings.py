"""Painting the built-up blocks: streets, lots, buildings with their roofs, yards, trees and cars.

Second coat of the picture, over the open land. What stands on a lot is a pure function of the
block's and the lot's hash, the land use at the block's middle and the kind of `quarters`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.simulate import quarters
from netspatial.simulate.canvas import Canvas, Mask
from netspatial.simulate.ground import Flora
from netspatial.simulate.noise import Array, hashed, salt, uniform
from netspatial.simulate.streets import Blocks, blocks_on_grid
from netspatial.simulate.town import Use

STOREY_M = 3.2
ASPHALT = np.array([112, 111, 110], dtype=np.float32)
PAVING = np.array([146, 142, 135], dtype=np.float32)
DUST = np.array([150, 138, 118], dtype=np.float32)
CARS = np.array(
    [[205, 205, 205], [60, 60, 64], [150, 152, 155], [128, 60, 55], [70, 84, 110], [188, 186, 180]],
    dtype=np.float32,
)
FREE_USES = np.array([Use.WATER, Use.PARK, Use.FIELD])


@dataclass(frozen=True)
class Masonry:
    """What the painter looks up: kinds by use and intensity, roofs by kind, and the sun's azimuth."""

    kinds: NDArray[np.int8]
    roofs: NDArray[np.int8]
    sun_east: float
    sun_north: float


def make_masonry(look: dict[str, float]) -> Masonry:
    """Prepare the tables for one picture."""
    azimuth = np.deg2rad(look["sun_azimuth"])
    return Masonry(
        kinds=quarters.quarter_slots(),
        roofs=quarters.roof_slots(look["red_roofs"]),
        sun_east=float(np.sin(azimuth)),
        sun_north=float(np.cos(azimuth)),
    )


def paint_buildings(canvas: Canvas, flora: Flora, masonry: Masonry, dry: Mask) -> None:
    """Paint every block whose middle lies in a built-up use."""
    town = canvas.town
    if not _any_built(canvas):
        return
    blocks = blocks_on_grid(town.streets, canvas.x, canvas.y)
    middle = canvas.square(blocks.centre_x, blocks.centre_y)
    use = np.take(town.use, middle)
    where = dry & (use > Use.FIELD)
    if not where.any():
        return
    level = np.take(town.intensity, middle)[where] * quarters.INTENSITY_BINS
    level = np.clip(level.astype(np.int8), 0, quarters.INTENSITY_BINS - 1)
    chance = blocks.draw(salt(town.seed, "quarter"))[where]
    slot = (chance * quarters.SLOTS).astype(np.int8)
    kind = masonry.kinds[use[where], level, slot]
    lots = _lots(town.seed, blocks, where, kind)
    _yards(canvas, flora, where, kind, lots)
    _houses(canvas, masonry, where, kind, lots, town.streets.angle[blocks.district[where]])
    _streets(canvas, flora, where, lots)


def _any_built(canvas: Canvas) -> bool:
    town = canvas.town
    rows, columns = town.use.shape
    margin = 300.0
    top = int(np.clip((town.size_m - canvas.y[0] - margin) / town.step_m, 0, rows - 1))
    foot = int(np.clip((town.size_m - canvas.y[-1] + margin) / town.step_m, 0, rows - 1))
    left = int(np.clip((canvas.x[0] - margin) / town.step_m, 0, columns - 1))
    right = int(np.clip((canvas.x[-1] + margin) / town.step_m, 0, columns - 1))
    return bool((town.use[top : foot + 1, left : right + 1] > Use.FIELD).any())


@dataclass(frozen=True)
class _Lots:
    """Where pixels lie in their lots, metres, all (pixels,).

    kerb  : to the edge of the carriageway, negative on it
    aside : from the lot's left boundary, up to `width`
    back  : from the street's kerb into the lot, up to `depth`
    far   : True on the second of the block's two rows of lots
    """

    kerb: Array
    aside: Array
    width: Array
    back: Array
    depth: Array
    far: Mask
    block: NDArray[np.uint32]
    lot: NDArray[np.uint32]


def _lots(seed: int, blocks: Blocks, where: Mask, kind: NDArray[np.int8]) -> _Lots:
    district, row, column = (part[where] for part in (blocks.district, blocks.row, blocks.column))
    wide = salt(seed, "carriageway")
    low, high = (_half_width(uniform(wide, district, row + np.int32(k))) for k in (0, 1))
    across, depth = blocks.across[where], blocks.depth[where]
    along, length = blocks.along[where], blocks.length[where]
    end = np.float32(4.2)
    kerb = np.minimum(np.minimum(across - low, depth - across - high), along - end)
    kerb = np.minimum(np.minimum(kerb, length - along - end), blocks.border[where] - 7.0)
    ground = depth - low - high
    far = across - low > ground / 2
    back = np.where(far, depth - across - high, across - low)
    block = hashed(salt(seed, "block"), district, row, column)
    frontage = np.maximum(length - 2 * end, 6.0)
    wanted = quarters.column("lot")[kind] * (0.8 + 0.45 * uniform(salt(seed, "lot width"), block))
    count = np.maximum(np.round(frontage / wanted), 1.0)
    width = frontage / count
    number = np.clip(np.floor((along - end) / width), 0, count - 1)
    return _Lots(
        kerb=kerb,
        aside=along - end - number * width,
        width=width,
        back=back,
        depth=ground / 2,
        far=far,
        block=block,
        lot=hashed(salt(seed, "lot"), block, number.astype(np.int32) * 2 + far),
    )


def _half_width(chance: Array) -> Array:
    """Half a carriageway with its pavements, metres: mostly lanes, every fifth a collector."""
    return np.where(chance < 0.2, np.float32(8.5), np.float32(4.4))


def _yards(canvas: Canvas, flora: Flora, where: Mask, kind: NDArray[np.int8], lots: _Lots) -> None:
    seed = canvas.town.seed
    green = quarters.column("green")[kind] * (0.35 + canvas.look["greenery"])
    patch = (
        0.5 + 0.28 * canvas.noise("patch", 26.0)[where] + 0.2 * canvas.noise("patch", 9.0)[where]
    )
    own = uniform(salt(seed, "yard"), lots.lot)
    lush = np.clip((green - 0.55 * patch - 0.45 * own) * 4 + 0.5, 0, 1)
    paved = (
        PAVING[:, None] * (1 - 0.5 * own) + (0.5 * ASPHALT[:, None] + 0.12 * DUST[:, None]) * own
    )
    paved = paved * (1 + 0.05 * canvas.noise("patch", 9.0)[where])
    lawn = flora.lawn[:, None] * (0.86 + 0.22 * own + 0.06 * canvas.noise("lawn", 13.0)[where])
    canvas.paint(where, paved * (1 - lush) + lawn * lush)
    canvas.height[where] = 0
    _park_cars(canvas, where, quarters.column("cars")[kind], lots, lush)
    crowded = quarters.column("trees")[kind] * (0.45 + canvas.look["greenery"])
    crowns = canvas.noise("crown", 7.3)[where] + 0.5 * canvas.noise("patch", 26.0)[where]
    trees = (crowns > 2.3 - 2.3 * crowded - 0.5 * lush) & (lots.kerb > 0)
    _plant(canvas, flora, where, trees, crowns)


def _plant(canvas: Canvas, flora: Flora, where: Mask, trees: Mask, crowns: Array) -> None:
    tone = 0.98 + 0.12 * crowns[trees] + 0.12 * (canvas.grain("crown")[where][trees] - 0.5)
    index = np.flatnonzero(where)[trees]
    for band in range(3):
        canvas.rgb[band].ravel()[index] = flora.canopy[band] * tone
    canvas.height.ravel()[index] = np.clip(5.0 + 1.6 * crowns[trees], 2.0, 11.0)


def _park_cars(canvas: Canvas, where: Mask, cars: Array, lots: _Lots, lush: Array) -> None:
    """Rows of cars on paved yards: five metres deep, seven metres of aisle between two rows."""
    in_row = (lots.back % 17.0) < 10.0
    seed = canvas.town.seed
    stall = uniform(
        salt(seed, "stall"),
        lots.block,
        np.floor(lots.aside / 2.6).astype(np.int32),
        np.floor(lots.back / 5.2).astype(np.int32),
    )
    busy = uniform(salt(seed, "car park"), lots.lot)
    parked = in_row & (lush < 0.3) & (lots.kerb > 2) & (stall < 0.8 * cars * busy)
    model = (stall[parked] * 7919 % 1 * len(CARS)).astype(np.int64)
    index = np.flatnonzero(where)[parked]
    for band in range(3):
        flat = canvas.rgb[band].ravel()
        flat[index] = 0.3 * flat[index] + 0.7 * CARS[model, band]


def _houses(
    canvas: Canvas,
    masonry: Masonry,
    where: Mask,
    kind: NDArray[np.int8],
    lots: _Lots,
    angle: Array,
) -> None:
    seed = canvas.town.seed
    chance = [uniform(salt(seed, "house", k), lots.lot) for k in range(4)]
    gap, front, deep = (quarters.column(name)[kind] for name in ("gap", "front", "depth"))
    gap = gap * (0.6 + 0.8 * chance[0])
    front = front * (0.75 + 0.6 * chance[1])
    deep = np.minimum(deep * (0.8 + 0.45 * chance[2]), lots.depth - front - 1.0)
    inside = (lots.aside > gap) & (lots.aside < lots.width - gap * (1.4 - 0.8 * chance[3]))
    main = inside & (lots.back > front) & (lots.back < front + deep)
    has_wing = chance[0] < quarters.column("wing")[kind]
    wing_from = gap + (lots.width - 2 * gap) * (0.55 * chance[1])
    wing_wide = np.maximum((lots.width - 2 * gap) * 0.42, 4.0)
    wing = has_wing & (lots.aside > wing_from) & (lots.aside < wing_from + wing_wide)
    wing &= inside & (lots.back >= front + deep) & (lots.back < front + 1.75 * deep)
    wing &= lots.back < lots.depth - 1.5
    stands = uniform(salt(seed, "stands"), lots.lot) < quarters.column("built")[kind]
    roofed = (main | wing) & stands & (lots.kerb > 0.6)
    if not roofed.any():
        return
    _roof(canvas, masonry, where, roofed, kind[roofed], lots, front + deep / 2, angle, wing)


def _roof(
    canvas: Canvas,
    masonry: Masonry,
    where: Mask,
    roofed: Mask,
    kind: NDArray[np.int8],
    lots: _Lots,
    ridge: Array,
    angle: Array,
    wing: Mask,
) -> None:
    seed = canvas.town.seed
    lot = lots.lot[roofed]
    by_block = uniform(salt(seed, "roof of block"), lots.block[roofed])
    by_lot = uniform(salt(seed, "roof"), lot)
    slot = ((0.35 * by_block + 0.65 * by_lot + 0.13 * by_block) % 1 * quarters.SLOTS).astype(
        np.int8
    )
    colour = quarters.ROOFS[masonry.roofs[kind, slot]].T
    tone = 0.86 + 0.28 * uniform(salt(seed, "roof tone"), lot)
    upper = np.where(lots.far[roofed], -1.0, 1.0) * np.sign(lots.back[roofed] - ridge[roofed])
    facing = -np.sin(angle[roofed]) * masonry.sun_east + np.cos(angle[roofed]) * masonry.sun_north
    gable = quarters.column("gable")[kind] * np.where(wing[roofed], 0.3, 1.0)
    tone = tone + gable * upper * facing
    tone = tone + 0.10 * (canvas.grain("roof")[where][roofed] - 0.5)
    low, high = quarters.storeys()
    floors = low[kind] + (high - low)[kind] * uniform(salt(seed, "storeys"), lot) ** 1.6
    index = np.flatnonzero(where)[roofed]
    for band in range(3):
        canvas.rgb[band].ravel()[index] = colour[band] * tone
    canvas.height.ravel()[index] = STOREY_M * floors * np.where(wing[roofed], 0.6, 1.0)


def _streets(canvas: Canvas, flora: Flora, where: Mask, lots: _Lots) -> None:
    street = lots.kerb < 0
    tone = (
        1 + 0.05 * canvas.noise("patch", 26.0)[where] + 0.12 * (canvas.grain("street")[where] - 0.5)
    )
    tone = tone + 0.05 * canvas.noise("swell", 380.0)[where]
    edge = np.clip(lots.kerb + 2.0, 0, 1)
    index = np.flatnonzero(where)[street]
    for band in range(3):
        ground = ASPHALT[band] * (1 - edge[street]) + PAVING[band] * edge[street]
        canvas.rgb[band].ravel()[index] = ground * tone[street]
    canvas.height.ravel()[index] = 0
    leafy = uniform(salt(canvas.town.seed, "leafy"), lots.block) < 0.75 * canvas.look["greenery"]
    crowns = canvas.noise("crown", 7.3)[where]
    trees = leafy & (np.abs(lots.kerb + 1.0) < 2.4) & (crowns > 0.25)
    _plant(canvas, flora, where, trees, crowns)
