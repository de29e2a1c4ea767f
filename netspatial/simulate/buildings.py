"""Painting the built-up blocks: streets, lots, buildings with their roofs, yards, trees and cars.

Second layer of the picture, over the open land. What stands on a lot is a pure function of the
block's and the lot's hash, the land use at the block's middle and the kind of `quarters`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Mask
from netspatial.simulate import quarters
from netspatial.simulate.canvas import Canvas, Pick
from netspatial.simulate.ground import Flora, paint_crowns
from netspatial.simulate.landmarks import paint_landmarks
from netspatial.simulate.noise import Array, hashed, redrawn, salt, uniform
from netspatial.simulate.streets import Blocks, blocks_on_grid
from netspatial.simulate.town import Use

STOREY_M = 3.2
ASPHALT = np.array([124, 122, 119], dtype=np.float32)
PAVING = np.array([148, 142, 132], dtype=np.float32)
DUST = np.array([150, 138, 118], dtype=np.float32)
CARS = np.array(
    [[205, 205, 205], [60, 60, 64], [150, 152, 155], [118, 74, 68], [70, 84, 110], [188, 186, 180]],
    dtype=np.float32,
)


SIDE_M = np.float32(4.2)
"""Half a cross street, metres."""
BORDER_M = np.float32(7.0)
"""Half the street along a district's border, metres."""


@dataclass(frozen=True)
class Masonry:
    """Lookup tables of the painter: kinds by use and intensity, roofs by kind, and the sun."""

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
    """Paint every block whose middle lies in a built-up use, and landmarks in parks too."""
    town = canvas.town
    if not _any_built(canvas):
        return
    everywhere = blocks_on_grid(town.streets, canvas.x, canvas.y)
    middle = canvas.square(everywhere.centre_x, everywhere.centre_y).ravel()
    use = np.take(town.use, middle)
    pick = np.flatnonzero(dry & (use > Use.FIELD))
    if pick.size:
        blocks = everywhere.at(pick)
        level = np.take(town.intensity, middle[pick]) * quarters.INTENSITY_BINS
        level = np.clip(level.astype(np.int8), 0, quarters.INTENSITY_BINS - 1)
        slot = blocks.draw(salt(town.seed, "quarter")) * quarters.SLOTS
        kind = masonry.kinds[use[pick], level, slot.astype(np.int8)]
        lots = _lots(town.seed, blocks, kind)
        _yards(canvas, flora, pick, lots)
        _houses(canvas, masonry, pick, lots, town.streets.angle[blocks.district])
        _streets(canvas, flora, pick, lots)
    paint_landmarks(canvas, everywhere, use, dry)


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

    kind  : the kind of block, a row of `quarters`
    kerb  : to the edge of the carriageway, negative on it
    aside : from the lot's left boundary, up to `width`
    back  : from the street's kerb into the lot, up to `depth`
    far   : True on the second of the block's two rows of lots
    leafy : greenness of the district relative to others of its kind, about 1
    """

    kind: NDArray[np.int8]
    kerb: Array
    aside: Array
    width: Array
    back: Array
    depth: Array
    far: Mask
    leafy: Array
    block: NDArray[np.uint32]
    lot: NDArray[np.uint32]

    def of_kind(self, name: str) -> Array:
        """Return a number of each pixel's kind of block."""
        return quarters.column(name)[self.kind]


def _lots(seed: int, blocks: Blocks, kind: NDArray[np.int8]) -> _Lots:
    wide = salt(seed, "carriageway")
    low, high = (
        _half_width(uniform(wide, blocks.district, blocks.row + np.int32(k))) for k in (0, 1)
    )
    kerb = np.minimum(blocks.across - low, blocks.depth - blocks.across - high)
    kerb = np.minimum(kerb, np.minimum(blocks.along, blocks.length - blocks.along) - SIDE_M)
    kerb = np.minimum(kerb, blocks.border - BORDER_M)
    ground = blocks.depth - low - high
    far = blocks.across - low > ground / 2
    frontage = np.maximum(blocks.length - 2 * SIDE_M, 6.0)
    wanted = quarters.column("lot")[kind] * (
        0.8 + 0.45 * redrawn(salt(seed, "lot width"), blocks.name)
    )
    count = np.maximum(np.round(frontage / wanted), 1.0)
    width = frontage / count
    number = np.clip(np.floor((blocks.along - SIDE_M) / width), 0, count - 1)
    return _Lots(
        kind=kind,
        kerb=kerb,
        aside=blocks.along - SIDE_M - number * width,
        width=width,
        back=np.where(far, blocks.depth - blocks.across - high, blocks.across - low),
        depth=ground / 2,
        far=far,
        leafy=0.55 + 0.8 * uniform(salt(seed, "leafy district"), blocks.district),
        block=blocks.name,
        lot=hashed(salt(seed, "lot"), blocks.name + (number * 2 + far).astype(np.uint32)),
    )


def _half_width(chance: Array) -> Array:
    """Half a carriageway with its pavements, metres: mostly lanes, every fifth a collector."""
    return np.where(chance < 0.2, np.float32(8.5), np.float32(4.4))


def _yards(canvas: Canvas, flora: Flora, pick: Pick, lots: _Lots) -> None:
    """Gardens, courts and car parks, as green as the kind of block, the district and the year."""
    greenery = canvas.look["greenery"]
    green = lots.of_kind("green") * lots.leafy * np.float32(0.3 + 0.75 * greenery)
    fine, broad = canvas.noise("patch", 9.0, pick), canvas.noise("patch", 26.0, pick)
    own = redrawn(salt(canvas.town.seed, "yard"), lots.lot)
    patch = 0.5 + 0.28 * broad + 0.2 * fine
    lush = np.clip((green - 0.7 * patch - 0.4 * own) * 3.5 + 0.6, 0, 1)
    paved_tone = (1 + 0.05 * fine) * (1 - lush)
    lawn_tone = (0.86 + 0.22 * own + 0.06 * canvas.noise("lawn", 13.0, pick)) * lush
    worn = 0.5 * ASPHALT + 0.12 * DUST
    for band in range(3):
        paved = PAVING[band] + (worn[band] - 0.5 * PAVING[band]) * own
        canvas.rgb[band][pick] = paved * paved_tone + flora.lawn[band] * lawn_tone
    canvas.raise_to(pick, 0.0)
    _park_cars(canvas, pick, lots, lush)
    crowded = lots.of_kind("trees") * lots.leafy * np.float32(0.45 + greenery)
    crowns = canvas.noise("crown", 7.3, pick) + 0.5 * broad
    paint_crowns(
        canvas, flora, pick[(crowns > 2.7 - 2.3 * crowded - 0.5 * lush) & (lots.kerb > 0)], 6
    )


def _park_cars(canvas: Canvas, pick: Pick, lots: _Lots, lush: Array) -> None:
    """Rows of cars on paved yards: two rows of five metres, then seven metres of aisle."""
    seed = canvas.town.seed
    busy = lots.of_kind("cars") * redrawn(salt(seed, "car park"), lots.lot)
    room = np.flatnonzero((lots.back % 17.0 < 10.0) & (lush < 0.3) & (lots.kerb > 2))
    stall = uniform(
        salt(seed, "stall"),
        lots.block[room],
        np.floor(lots.aside[room] / 2.6).astype(np.int32),
        np.floor(lots.back[room] / 5.2).astype(np.int32),
    )
    parked = stall < 0.8 * busy[room]
    cars = pick[room[parked]]
    model = (stall[parked] * 7919 % 1 * len(CARS)).astype(np.int64)
    for band in range(3):
        canvas.rgb[band][cars] = 0.3 * canvas.rgb[band][cars] + 0.7 * CARS[model, band]


def _houses(canvas: Canvas, masonry: Masonry, pick: Pick, lots: _Lots, angle: Array) -> None:
    """Each lot's building along the street, some with a wing into the yard."""
    seed = canvas.town.seed
    chance = [redrawn(salt(seed, "house", k), lots.lot) for k in range(4)]
    gap = lots.of_kind("gap") * (0.6 + 0.8 * chance[0])
    front = lots.of_kind("front") * (0.75 + 0.6 * chance[1])
    deep = lots.of_kind("depth") * (0.8 + 0.45 * chance[2])
    deep = np.minimum(deep, lots.depth - front - 1.0)
    inside = (lots.aside > gap) & (lots.aside < lots.width - gap * (1.4 - 0.8 * chance[3]))
    main = inside & (lots.back > front) & (lots.back < front + deep)
    wing_from = gap + (lots.width - 2 * gap) * (0.55 * chance[1])
    wing_wide = np.maximum((lots.width - 2 * gap) * 0.42, 4.0)
    wing = inside & (chance[0] < lots.of_kind("wing"))
    wing &= (lots.aside > wing_from) & (lots.aside < wing_from + wing_wide)
    wing &= (lots.back >= front + deep) & (lots.back < front + 1.75 * deep)
    wing &= lots.back < lots.depth - 1.5
    stands = redrawn(salt(seed, "stands"), lots.lot) < lots.of_kind("built")
    roofed = np.flatnonzero((main | wing) & stands & (lots.kerb > 0.6))
    if not roofed.size:
        return
    side = np.where(lots.far[roofed], np.float32(-1), np.float32(1))
    slope = side * np.sign((lots.back - front - deep / 2)[roofed])
    facing = masonry.sun_north * np.cos(angle[roofed]) - masonry.sun_east * np.sin(angle[roofed])
    light = slope * facing * np.where(wing[roofed], np.float32(0.3), np.float32(1))
    of_lot, of_block, kind = lots.lot[roofed], lots.block[roofed], lots.kind[roofed]
    colour = _roof_colours(seed, masonry, kind, of_lot, of_block)
    tone = 0.84 + 0.26 * redrawn(salt(seed, "roof tone"), of_lot)
    tone += 0.12 * redrawn(salt(seed, "roof tone"), of_block)
    tone += quarters.column("gable")[kind] * light + 0.1 * canvas.grain("roof", pick[roofed])
    canvas.paint(pick[roofed], colour, tone)
    low, high = quarters.storeys()
    floors = low[kind] + (high - low)[kind] * redrawn(salt(seed, "storeys"), of_lot) ** 1.6
    canvas.raise_to(pick[roofed], STOREY_M * floors * np.where(wing[roofed], 0.6, 1.0))


def _roof_colours(
    seed: int,
    masonry: Masonry,
    kind: NDArray[np.int8],
    lot: NDArray[np.uint32],
    block: NDArray[np.uint32],
) -> Array:
    """Return each pixel's roof, (3, pixels); blocks were often built, and roofed, at one time."""
    together = redrawn(salt(seed, "roof of block"), block)
    alone = redrawn(salt(seed, "roof"), lot)
    slot = (0.48 * together + 0.65 * alone) % 1 * quarters.SLOTS
    return np.asarray(quarters.ROOFS[masonry.roofs[kind, slot.astype(np.int8)]].T)


def _streets(canvas: Canvas, flora: Flora, pick: Pick, lots: _Lots) -> None:
    """Carriageways and pavements over everything, trees along the kerbs of leafy blocks."""
    on = lots.kerb < 0
    street, kerb = pick[on], lots.kerb[on]
    tone = 1 + 0.05 * canvas.noise("patch", 26.0, street) + 0.12 * canvas.grain("street", street)
    tone += 0.05 * canvas.noise("swell", 380.0, street)
    pavement = np.clip(kerb + 2.0, 0, 1)
    canvas.paint(street, ASPHALT[:, None] + (PAVING - ASPHALT)[:, None] * pavement, tone)
    canvas.raise_to(street, 0.0)
    leafy = redrawn(salt(canvas.town.seed, "leafy"), lots.block) < 0.75 * canvas.look["greenery"]
    leafy &= (np.abs(lots.kerb - 0.8) < 1.8) & (canvas.noise("crown", 7.3, pick) > 0.4)
    paint_crowns(canvas, flora, pick[leafy], 6.0)
