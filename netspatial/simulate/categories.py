"""Kinds of points of interest, as OpenStreetMap tags, and on which land they stand.

The vocabulary is `key=value` of OpenStreetMap, so that simulated and measured places read alike.
"""

from dataclasses import dataclass

from netspatial.simulate.town import Use

RESIDENTIAL, OFFICE, COMMERCIAL = Use.RESIDENTIAL, Use.OFFICE, Use.COMMERCIAL
ENTERTAINMENT, INDUSTRIAL, UNIVERSITY = Use.ENTERTAINMENT, Use.INDUSTRIAL, Use.UNIVERSITY
TRANSPORT, PARK, FIELD = Use.TRANSPORT, Use.PARK, Use.FIELD


@dataclass(frozen=True)
class Kind:
    """One kind of place.

    density : places per km² of fully busy land of each use, before drop-out
    named   : which list of names it draws from
    """

    named: str
    density: dict[Use, float]


KINDS: dict[str, Kind] = {
    "amenity=restaurant": Kind(
        "eat", {COMMERCIAL: 60, ENTERTAINMENT: 75, OFFICE: 24, RESIDENTIAL: 7, UNIVERSITY: 8,
                TRANSPORT: 14}),
    "amenity=cafe": Kind(
        "cafe", {COMMERCIAL: 42, ENTERTAINMENT: 34, OFFICE: 28, RESIDENTIAL: 4, UNIVERSITY: 14,
                 TRANSPORT: 16, PARK: 1.2}),
    "amenity=fast_food": Kind(
        "snack", {COMMERCIAL: 30, ENTERTAINMENT: 30, OFFICE: 10, RESIDENTIAL: 3, TRANSPORT: 18,
                  UNIVERSITY: 6, INDUSTRIAL: 2}),
    "amenity=bar": Kind("bar", {ENTERTAINMENT: 55, COMMERCIAL: 14, RESIDENTIAL: 1.4}),
    "amenity=pub": Kind("bar", {ENTERTAINMENT: 22, COMMERCIAL: 7, RESIDENTIAL: 1.2}),
    "amenity=nightclub": Kind("club", {ENTERTAINMENT: 14, COMMERCIAL: 0.6}),
    "amenity=cinema": Kind("screen", {ENTERTAINMENT: 6, COMMERCIAL: 0.6}),
    "amenity=theatre": Kind("screen", {ENTERTAINMENT: 7, UNIVERSITY: 0.4}),
    "leisure=stadium": Kind("sport", {ENTERTAINMENT: 1.2, PARK: 0.1}),
    "tourism=museum": Kind("museum", {ENTERTAINMENT: 7, OFFICE: 0.7, UNIVERSITY: 0.8, PARK: 0.2}),
    "tourism=hotel": Kind("hotel", {ENTERTAINMENT: 14, OFFICE: 7, COMMERCIAL: 6, TRANSPORT: 7}),
    "shop=supermarket": Kind("grocer", {COMMERCIAL: 10, RESIDENTIAL: 3.2, TRANSPORT: 1.5}),
    "shop=convenience": Kind(
        "grocer", {COMMERCIAL: 12, RESIDENTIAL: 6.5, OFFICE: 4, TRANSPORT: 8, ENTERTAINMENT: 6}),
    "shop=bakery": Kind("baker", {COMMERCIAL: 14, RESIDENTIAL: 4, OFFICE: 3}),
    "shop=clothes": Kind("clothes", {COMMERCIAL: 95, ENTERTAINMENT: 8, RESIDENTIAL: 0.5}),
    "shop=shoes": Kind("shoes", {COMMERCIAL: 24}),
    "shop=electronics": Kind("electronics", {COMMERCIAL: 16, RESIDENTIAL: 0.4}),
    "shop=mobile_phone": Kind("phones", {COMMERCIAL: 16, TRANSPORT: 2, RESIDENTIAL: 0.3}),
    "shop=furniture": Kind("furniture", {COMMERCIAL: 9, INDUSTRIAL: 0.8}),
    "shop=hairdresser": Kind("hair", {COMMERCIAL: 22, RESIDENTIAL: 6, OFFICE: 3}),
    "shop=mall": Kind("mall", {COMMERCIAL: 2.2}),
    "shop=car_repair": Kind("garage", {INDUSTRIAL: 5, RESIDENTIAL: 0.9}),
    "amenity=bank": Kind("bank", {OFFICE: 14, COMMERCIAL: 11, RESIDENTIAL: 0.6}),
    "amenity=pharmacy": Kind("pharmacy", {COMMERCIAL: 9, RESIDENTIAL: 2.2, OFFICE: 2}),
    "amenity=doctors": Kind("doctor", {RESIDENTIAL: 4, OFFICE: 5, COMMERCIAL: 5}),
    "amenity=dentist": Kind("dentist", {RESIDENTIAL: 3, OFFICE: 4, COMMERCIAL: 4}),
    "amenity=hospital": Kind("hospital", {RESIDENTIAL: 0.25, UNIVERSITY: 1.2}),
    "amenity=school": Kind("school", {RESIDENTIAL: 2.6}),
    "amenity=kindergarten": Kind("school", {RESIDENTIAL: 4.2, PARK: 0.2}),
    "amenity=university": Kind("campus", {UNIVERSITY: 9}),
    "amenity=library": Kind("campus", {UNIVERSITY: 6, RESIDENTIAL: 0.3, OFFICE: 0.4}),
    "building=dormitory": Kind("dormitory", {UNIVERSITY: 8, RESIDENTIAL: 0.1}),
    "amenity=place_of_worship": Kind("worship", {RESIDENTIAL: 1.6, ENTERTAINMENT: 1, FIELD: 0.05}),
    "amenity=townhall": Kind("office", {OFFICE: 1.0}),
    "office=company": Kind("company", {OFFICE: 95, COMMERCIAL: 7, INDUSTRIAL: 5, RESIDENTIAL: 0.8}),
    "office=lawyer": Kind("partners", {OFFICE: 24, COMMERCIAL: 3}),
    "office=insurance": Kind("insurer", {OFFICE: 13, COMMERCIAL: 3}),
    "office=government": Kind("office", {OFFICE: 10}),
    "man_made=works": Kind("works", {INDUSTRIAL: 14}),
    "building=warehouse": Kind("depot", {INDUSTRIAL: 11, TRANSPORT: 1.5}),
    "industrial=depot": Kind("depot", {INDUSTRIAL: 5, TRANSPORT: 2}),
    "craft=carpenter": Kind("joiner", {INDUSTRIAL: 4, RESIDENTIAL: 0.5}),
    "amenity=fuel": Kind("fuel", {INDUSTRIAL: 1.6, RESIDENTIAL: 0.7, TRANSPORT: 3, FIELD: 0.05}),
    "amenity=parking": Kind(
        "parking", {COMMERCIAL: 10, OFFICE: 9, RESIDENTIAL: 3, TRANSPORT: 16, INDUSTRIAL: 4,
                    PARK: 1.5, UNIVERSITY: 5}),
    "railway=station": Kind("station", {TRANSPORT: 7}),
    "railway=subway_entrance": Kind("station", {TRANSPORT: 12, OFFICE: 2.2, COMMERCIAL: 2}),
    "amenity=bus_station": Kind("station", {TRANSPORT: 5}),
    "highway=bus_stop": Kind(
        "stop", {RESIDENTIAL: 13, OFFICE: 16, COMMERCIAL: 14, TRANSPORT: 34, INDUSTRIAL: 8,
                 UNIVERSITY: 12, ENTERTAINMENT: 12, FIELD: 0.5}),
    "amenity=taxi": Kind("stop", {TRANSPORT: 9, ENTERTAINMENT: 2}),
    "leisure=park": Kind("park", {PARK: 3.5}),
    "leisure=playground": Kind("playground", {PARK: 5, RESIDENTIAL: 2.6}),
    "leisure=pitch": Kind("sport", {PARK: 4, UNIVERSITY: 4, RESIDENTIAL: 0.8}),
    "leisure=fitness_centre": Kind("sport", {RESIDENTIAL: 0.9, COMMERCIAL: 5, OFFICE: 3}),
    "tourism=viewpoint": Kind("park", {PARK: 0.8, FIELD: 0.05}),
    "landuse=farmyard": Kind("farm", {FIELD: 0.7}),
    "landuse=allotments": Kind("park", {FIELD: 0.1, RESIDENTIAL: 0.2}),
}  # fmt: skip
"""Every kind that a simulated town knows."""
