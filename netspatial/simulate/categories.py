"""Kinds of points of interest, as OpenStreetMap tags, and their density by land use.

The vocabulary is `key=value` of OpenStreetMap, the same as that of measured places.
"""

from dataclasses import dataclass

from netspatial.simulate.town import Use

RESIDENTIAL, OFFICE, COMMERCIAL = Use.RESIDENTIAL, Use.OFFICE, Use.COMMERCIAL
ENTERTAINMENT, INDUSTRIAL, UNIVERSITY = Use.ENTERTAINMENT, Use.INDUSTRIAL, Use.UNIVERSITY
TRANSPORT, PARK, FIELD = Use.TRANSPORT, Use.PARK, Use.FIELD


@dataclass(frozen=True)
class PoiKind:
    """One kind of place.

    density : places per km² of land of each use at full intensity, before drop-out
    named   : list of names used
    """

    named: str
    density: dict[Use, float]


KINDS: dict[str, PoiKind] = {
    "amenity=restaurant": PoiKind(
        "eat",
        {
            COMMERCIAL: 60,
            ENTERTAINMENT: 75,
            OFFICE: 24,
            RESIDENTIAL: 7,
            UNIVERSITY: 8,
            TRANSPORT: 14,
        },
    ),
    "amenity=cafe": PoiKind(
        "cafe",
        {
            COMMERCIAL: 42,
            ENTERTAINMENT: 34,
            OFFICE: 28,
            RESIDENTIAL: 4,
            UNIVERSITY: 14,
            TRANSPORT: 16,
            PARK: 1.2,
        },
    ),
    "amenity=fast_food": PoiKind(
        "snack",
        {
            COMMERCIAL: 30,
            ENTERTAINMENT: 30,
            OFFICE: 10,
            RESIDENTIAL: 3,
            TRANSPORT: 18,
            UNIVERSITY: 6,
            INDUSTRIAL: 2,
        },
    ),
    "amenity=bar": PoiKind("bar", {ENTERTAINMENT: 55, COMMERCIAL: 14, RESIDENTIAL: 1.4}),
    "amenity=pub": PoiKind("bar", {ENTERTAINMENT: 22, COMMERCIAL: 7, RESIDENTIAL: 1.2}),
    "amenity=nightclub": PoiKind("club", {ENTERTAINMENT: 14, COMMERCIAL: 0.6}),
    "amenity=cinema": PoiKind("screen", {ENTERTAINMENT: 6, COMMERCIAL: 0.6}),
    "amenity=theatre": PoiKind("screen", {ENTERTAINMENT: 7, UNIVERSITY: 0.4}),
    "leisure=stadium": PoiKind("sport", {ENTERTAINMENT: 1.2, PARK: 0.1}),
    "tourism=museum": PoiKind(
        "museum", {ENTERTAINMENT: 7, OFFICE: 0.7, UNIVERSITY: 0.8, PARK: 0.2}
    ),
    "tourism=hotel": PoiKind("hotel", {ENTERTAINMENT: 14, OFFICE: 7, COMMERCIAL: 6, TRANSPORT: 7}),
    "shop=supermarket": PoiKind("grocer", {COMMERCIAL: 10, RESIDENTIAL: 3.2, TRANSPORT: 1.5}),
    "shop=convenience": PoiKind(
        "grocer", {COMMERCIAL: 12, RESIDENTIAL: 6.5, OFFICE: 4, TRANSPORT: 8, ENTERTAINMENT: 6}
    ),
    "shop=bakery": PoiKind("baker", {COMMERCIAL: 14, RESIDENTIAL: 4, OFFICE: 3}),
    "shop=clothes": PoiKind("clothes", {COMMERCIAL: 95, ENTERTAINMENT: 8, RESIDENTIAL: 0.5}),
    "shop=shoes": PoiKind("shoes", {COMMERCIAL: 24}),
    "shop=electronics": PoiKind("electronics", {COMMERCIAL: 16, RESIDENTIAL: 0.4}),
    "shop=mobile_phone": PoiKind("phones", {COMMERCIAL: 16, TRANSPORT: 2, RESIDENTIAL: 0.3}),
    "shop=furniture": PoiKind("furniture", {COMMERCIAL: 9, INDUSTRIAL: 0.8}),
    "shop=hairdresser": PoiKind("hair", {COMMERCIAL: 22, RESIDENTIAL: 6, OFFICE: 3}),
    "shop=mall": PoiKind("mall", {COMMERCIAL: 2.2}),
    "shop=car_repair": PoiKind("garage", {INDUSTRIAL: 5, RESIDENTIAL: 0.9}),
    "amenity=bank": PoiKind("bank", {OFFICE: 14, COMMERCIAL: 11, RESIDENTIAL: 0.6}),
    "amenity=pharmacy": PoiKind("pharmacy", {COMMERCIAL: 9, RESIDENTIAL: 2.2, OFFICE: 2}),
    "amenity=doctors": PoiKind("doctor", {RESIDENTIAL: 4, OFFICE: 5, COMMERCIAL: 5}),
    "amenity=dentist": PoiKind("dentist", {RESIDENTIAL: 3, OFFICE: 4, COMMERCIAL: 4}),
    "amenity=hospital": PoiKind("hospital", {RESIDENTIAL: 0.25, UNIVERSITY: 1.2}),
    "amenity=school": PoiKind("school", {RESIDENTIAL: 2.6}),
    "amenity=kindergarten": PoiKind("school", {RESIDENTIAL: 4.2, PARK: 0.2}),
    "amenity=university": PoiKind("campus", {UNIVERSITY: 9}),
    "amenity=library": PoiKind("campus", {UNIVERSITY: 6, RESIDENTIAL: 0.3, OFFICE: 0.4}),
    "building=dormitory": PoiKind("dormitory", {UNIVERSITY: 8, RESIDENTIAL: 0.1}),
    "amenity=place_of_worship": PoiKind(
        "worship", {RESIDENTIAL: 1.6, ENTERTAINMENT: 1, FIELD: 0.05}
    ),
    "amenity=townhall": PoiKind("office", {OFFICE: 1.0}),
    "office=company": PoiKind(
        "company", {OFFICE: 95, COMMERCIAL: 7, INDUSTRIAL: 5, RESIDENTIAL: 0.8}
    ),
    "office=lawyer": PoiKind("partners", {OFFICE: 24, COMMERCIAL: 3}),
    "office=insurance": PoiKind("insurer", {OFFICE: 13, COMMERCIAL: 3}),
    "office=government": PoiKind("office", {OFFICE: 10}),
    "man_made=works": PoiKind("works", {INDUSTRIAL: 14}),
    "building=warehouse": PoiKind("depot", {INDUSTRIAL: 11, TRANSPORT: 1.5}),
    "industrial=depot": PoiKind("depot", {INDUSTRIAL: 5, TRANSPORT: 2}),
    "craft=carpenter": PoiKind("joiner", {INDUSTRIAL: 4, RESIDENTIAL: 0.5}),
    "amenity=fuel": PoiKind("fuel", {INDUSTRIAL: 1.6, RESIDENTIAL: 0.7, TRANSPORT: 3, FIELD: 0.05}),
    "amenity=parking": PoiKind(
        "parking",
        {
            COMMERCIAL: 10,
            OFFICE: 9,
            RESIDENTIAL: 3,
            TRANSPORT: 16,
            INDUSTRIAL: 4,
            PARK: 1.5,
            UNIVERSITY: 5,
        },
    ),
    "railway=station": PoiKind("station", {TRANSPORT: 7}),
    "railway=subway_entrance": PoiKind("station", {TRANSPORT: 12, OFFICE: 2.2, COMMERCIAL: 2}),
    "amenity=bus_station": PoiKind("station", {TRANSPORT: 5}),
    "highway=bus_stop": PoiKind(
        "stop",
        {
            RESIDENTIAL: 13,
            OFFICE: 16,
            COMMERCIAL: 14,
            TRANSPORT: 34,
            INDUSTRIAL: 8,
            UNIVERSITY: 12,
            ENTERTAINMENT: 12,
            FIELD: 0.5,
        },
    ),
    "amenity=taxi": PoiKind("stop", {TRANSPORT: 9, ENTERTAINMENT: 2}),
    "leisure=park": PoiKind("park", {PARK: 3.5}),
    "leisure=playground": PoiKind("playground", {PARK: 5, RESIDENTIAL: 2.6}),
    "leisure=pitch": PoiKind("sport", {PARK: 4, UNIVERSITY: 4, RESIDENTIAL: 0.8}),
    "leisure=fitness_centre": PoiKind("sport", {RESIDENTIAL: 0.9, COMMERCIAL: 5, OFFICE: 3}),
    "tourism=viewpoint": PoiKind("park", {PARK: 0.8, FIELD: 0.05}),
    "landuse=farmyard": PoiKind("farm", {FIELD: 0.7}),
    "landuse=allotments": PoiKind("park", {FIELD: 0.1, RESIDENTIAL: 0.2}),
}
"""Every kind of a simulated town."""
