"""Street names and house numbers from the lattice of `streets`, for addresses of POIs."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats, Indices
from netspatial.simulate.noise import hashed, salt
from netspatial.simulate.streets import Streets, blocks_at

LOT_M = 14.0
NUMBERED_BLOCKS = 6
"""House numbers of a long street start again after this many blocks."""

STEMS: tuple[tuple[str, ...], ...] = (
    (
        "Oak",
        "Mill",
        "Church",
        "Station",
        "Orchard",
        "Victoria",
        "Harbour",
        "Castle",
        "Bridge",
        "Maple",
        "Chapel",
        "Foundry",
        "Garden",
        "Meadow",
        "Hill",
        "Market",
        "Abbey",
        "King's",
        "Well",
        "Brewer",
        "Linden",
        "Granary",
        "Fountain",
        "Rosemary",
        "Poplar",
        "Weaver",
        "Quarry",
        "Willow",
        "Sparrow",
        "Cooper",
        "Elm",
        "Tanner",
        "Beacon",
        "Ferry",
        "Thistle",
        "Lantern",
    ),
    (
        "Linden",
        "Mühl",
        "Kirch",
        "Bahnhof",
        "Garten",
        "Berg",
        "Wiesen",
        "Schul",
        "Markt",
        "Ahorn",
        "Rosen",
        "Brunnen",
        "Birken",
        "Feld",
        "Schloss",
        "Hafen",
        "Kloster",
        "Weber",
        "Linsen",
        "Eichen",
        "Turm",
        "Graben",
        "Sonnen",
        "Ziegel",
        "Amsel",
        "Finken",
        "Erlen",
        "Pappel",
        "Färber",
        "Gerber",
        "Anger",
        "Insel",
        "Hopfen",
        "Kastanien",
        "Schmiede",
        "Dorf",
    ),
    (
        "delle Rose",
        "del Molino",
        "San Marco",
        "della Stazione",
        "dei Tigli",
        "Santa Lucia",
        "del Mercato",
        "della Fontana",
        "dei Platani",
        "del Ponte",
        "Garibaldi",
        "dell'Orto",
        "della Torre",
        "dei Mille",
        "del Castello",
        "San Pietro",
        "dei Giardini",
        "del Porto",
        "della Chiesa",
        "Mazzini",
        "dei Pini",
        "degli Ulivi",
        "del Lavoro",
        "Verdi",
        "dell'Aurora",
        "dei Cipressi",
        "della Pace",
        "Cavour",
        "del Campo",
        "Galvani",
        "della Seta",
        "dei Fabbri",
        "San Rocco",
        "della Quercia",
        "Leopardi",
        "dei Mulini",
    ),
    (
        "des Tilleuls",
        "du Moulin",
        "de la Gare",
        "des Roses",
        "du Marché",
        "de l'Église",
        "des Jardins",
        "du Pont",
        "de la Fontaine",
        "des Écoles",
        "du Château",
        "des Érables",
        "de la Tour",
        "Pasteur",
        "Victor Hugo",
        "des Lilas",
        "du Port",
        "de la Paix",
        "des Acacias",
        "du Lavoir",
        "de la Source",
        "des Vignes",
        "Voltaire",
        "du Stade",
        "des Peupliers",
        "de la Forge",
        "du Verger",
        "des Alouettes",
        "Molière",
        "du Canal",
        "des Tanneurs",
        "de la Mairie",
        "Curie",
        "du Bois",
        "des Merles",
        "de la Liberté",
    ),
)
FORMS: tuple[tuple[str, ...], ...] = (
    ("{} Street", "{} Road", "{} Lane", "{} Avenue", "{} Way"),
    ("{}straße", "{}weg", "{}gasse", "{}allee"),
    ("Via {}", "Viale {}", "Vicolo {}", "Corso {}"),
    ("Rue {}", "Avenue {}", "Allée {}", "Chemin {}"),
)
"""Patterns of street names in four languages; a town uses one."""


def language(seed: int) -> int:
    """Return the index in `STEMS` of the language of this seed's town."""
    return int(salt(seed, "language")) % len(STEMS)


def street_names(seed: int, names: NDArray[np.uint32]) -> NDArray[np.object_]:
    """Spell the streets whose hashes are given, in the town's one language."""
    stems, forms = STEMS[language(seed)], FORMS[language(seed)]
    spelled = np.array([form.format(stem) for form in forms for stem in stems], dtype=object)
    return np.asarray(spelled[names % np.uint32(len(spelled))])


def road_name(seed: int, kind: str, name: str) -> str:
    """Spell a main road; motorways and railways keep the name they have."""
    if kind != "arterial":
        return name
    return str(street_names(seed, np.array([salt(seed, "main road", name)]))[0])


def address(streets: Streets, x: Floats, y: Floats) -> tuple[NDArray[np.object_], Indices]:
    """Return the nearest street's name and the house number for points in the town's own metres."""
    block = blocks_at(streets, x, y)
    to_streets = np.stack(
        [block.across, block.depth - block.across, block.along, block.length - block.along]
    )
    side = to_streets.argmin(axis=0)
    lengthwise = side < 2
    beyond = (side % 2).astype(np.int32)
    long_street = hashed(salt(streets.seed, "long streets"), block.district, block.row + beyond)
    cross_street = hashed(
        salt(streets.seed, "cross streets"), block.district, block.row, block.column + beyond
    )
    names = street_names(streets.seed, np.where(lengthwise, long_street, cross_street))
    lots_a_block = int(np.ceil(1.6 * float(streets.long_m.max()) / LOT_M))
    lot = np.where(
        lengthwise,
        (block.column % NUMBERED_BLOCKS) * lots_a_block + block.along // LOT_M,
        block.across // LOT_M,
    ).astype(np.int64)
    return names, 2 * lot + 2 - beyond
