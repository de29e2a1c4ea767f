"""Vocabulary of places of all sources: the `key=value` tags of OpenStreetMap.

Simulated cities and `context.features.categories` use the same. A source's own category is kept in
the column `category_original`; an unknown one stays unchanged and is counted in a note.
"""

import re
from collections.abc import Iterable

import pandas as pd

TAGS: dict[str, str] = {
    "amenity=restaurant": """restaurant pizzeria trattoria diner bistro eatery italian_restaurant
        pizza_restaurant chinese_restaurant japanese_restaurant sushi_restaurant""",
    "amenity=cafe": "cafe coffee_shop coffee tea_room tea_house",
    "amenity=fast_food": """fast_food fast_food_restaurant takeaway snack_bar burger_restaurant
        sandwich_shop""",
    "amenity=ice_cream": "ice_cream ice_cream_shop gelateria",
    "amenity=food_court": "food_court food_licence",
    "amenity=bar": "bar wine_bar cocktail_bar lounge",
    "amenity=pub": "pub biergarten brewery",
    "amenity=nightclub": "nightclub club disco dance_club",
    "amenity=cinema": "cinema movie_theater",
    "amenity=theatre": "theatre theater concert_hall music_venue",
    "leisure=stadium": "stadium arena stadium_arena",
    "tourism=museum": "museum art_museum history_museum",
    "tourism=gallery": "gallery art_gallery",
    "tourism=attraction": "attraction tourist_attraction landmark_and_historical_building",
    "tourism=hotel": "hotel hostel motel guest_house bed_and_breakfast accommodation lodging",
    "shop=supermarket": "supermarket grocery_store grocery hypermarket",
    "shop=convenience": "convenience convenience_store minimarket corner_shop",
    "shop=mall": "mall shopping_center shopping_centre shopping_mall",
    "shop=department_store": "department_store",
    "shop=clothes": "clothes clothing_store fashion boutique shoes shoe_store",
    "shop=bakery": "bakery patisserie",
    "shop=butcher": "butcher butcher_shop",
    "shop=books": "books bookshop bookstore",
    "shop=electronics": "electronics electronics_store mobile_phone mobile_phone_store",
    "shop=furniture": "furniture furniture_store",
    "shop=hairdresser": "hairdresser hair_salon barber beauty_salon",
    "shop=florist": "florist flowers_and_gifts_shop",
    "shop=jewelry": "jewelry jewelry_store",
    "shop=car": "car_dealer car_dealership",
    "shop=car_repair": "car_repair automotive_repair",
    "shop=yes": "shop store retail historic_shop",
    "amenity=marketplace": "marketplace market farmers_market",
    "amenity=bank": "bank banks bank_credit_union credit_union",
    "amenity=atm": "atm atms",
    "amenity=post_office": "post_office",
    "amenity=police": "police police_station police_department",
    "amenity=fire_station": "fire_station fire_department",
    "amenity=townhall": "townhall town_hall city_hall",
    "amenity=courthouse": "courthouse",
    "amenity=library": "library",
    "amenity=community_centre": "community_centre community_center",
    "amenity=hospital": "hospital",
    "amenity=clinic": "clinic medical_center health_and_medical",
    "amenity=doctors": "doctors doctor",
    "amenity=dentist": "dentist",
    "amenity=pharmacy": "pharmacy drugstore",
    "amenity=veterinary": "veterinary veterinarian",
    "amenity=school": "school elementary_school high_school middle_school",
    "amenity=kindergarten": "kindergarten preschool day_care_preschool nursery",
    "amenity=university": "university college campus_building college_university",
    "amenity=place_of_worship": """place_of_worship church mosque temple synagogue
        church_cathedral""",
    "office=company": "company office corporate_office business",
    "office=lawyer": "lawyer legal_services",
    "office=insurance": "insurance insurance_agency",
    "office=estate_agent": "estate_agent real_estate_agent real_estate",
    "office=government": "government government_office public_administration",
    "office=coworking": "coworking coworking_space",
    "man_made=works": "works factory plant industrial manufacturer",
    "building=warehouse": "warehouse storage_facility",
    "building=apartments": "apartments apartment apartment_building residential",
    "amenity=fuel": "fuel gas_station petrol_station",
    "amenity=charging_station": "charging_station ev_charger ev_charging_station",
    "amenity=parking": "parking car_park parking_lot parking_garage",
    "amenity=car_rental": "car_rental car_rental_agency",
    "amenity=bicycle_parking": "bicycle_parking bike_rack",
    "amenity=bicycle_rental": "bicycle_rental bike_share bike_sharing",
    "railway=station": "railway_station rail_station train_station",
    "station=subway": "subway metro_station subway_station",
    "railway=tram_stop": "tram_stop",
    "highway=bus_stop": "bus_stop surface_stop",
    "amenity=bus_station": "bus_station",
    "amenity=taxi": "taxi taxi_stand taxi_rank",
    "aeroway=terminal": "airport airport_terminal",
    "leisure=park": "park public_park",
    "leisure=garden": "garden botanical_garden",
    "leisure=playground": "playground",
    "leisure=pitch": "pitch sports_field soccer_field football_pitch",
    "leisure=sports_centre": "sports_centre sport_centre sports_center",
    "leisure=fitness_centre": "fitness_centre gym fitness_center",
    "leisure=swimming_pool": "swimming_pool",
    "tourism=viewpoint": "viewpoint lookout",
    "amenity=fountain": "fountain drinking_fountain drinking_water",
}
"""Every tag of the vocabulary with the words of other sources for it."""

_TAG_OF = {word: tag for tag, words in TAGS.items() for word in words.split()}
_TAG_OF |= {tag.partition("=")[2]: tag for tag in reversed(TAGS) if not tag.endswith("=yes")}

KEYS = (
    "amenity",
    "shop",
    "office",
    "craft",
    "tourism",
    "leisure",
    "healthcare",
    "railway",
    "station",
    "highway",
    "aeroway",
    "public_transport",
    "man_made",
    "industrial",
    "building",
    "landuse",
)
"""Keys of OpenStreetMap that give the kind of a place; of several, the first one counts."""


def tag_of(category: str) -> str:
    """Return the tag of a source's word; tags (`key=value`) and unknown words stay unchanged.

    Parameters
    ----------
    category : str
        Category in the words of a source.

    Returns
    -------
    str
        Tag of OpenStreetMap.

    Examples
    --------
    >>> tag_of("Gas Station"), tag_of("shop=bakery"), tag_of("moon base")
    ('amenity=fuel', 'shop=bakery', 'moon base')
    """
    word = re.sub(r"[\s/&-]+", "_", category.strip().lower())
    key, equals, value = word.partition("=")
    if equals and key and value:
        return word
    return _TAG_OF.get(word, category.strip())


def tag_places(pois: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Map the column `category` to tags, keep the source's words, and note unknown ones."""
    words = pois["category"].astype("string").fillna("").str.strip()
    tags = {word: tag_of(word) for word in words.unique()}
    placed = pois.assign(category=words.map(tags).astype(object), category_original=words)
    strange = sorted(tag for tag in set(tags.values()) if tag and "=" not in tag)
    if not strange:
        return placed, []
    count = int(placed["category"].isin(strange).sum())
    shown = ", ".join(strange[:5]) + (", ..." if len(strange) > 5 else "")
    return placed, [
        f"{count} places keep their source's category, which is not in the vocabulary: {shown}."
    ]


def tag_from(tags: Iterable[tuple[str, str]]) -> str | None:
    """Return the tag that gives the kind of an OpenStreetMap object; None without one."""
    found = dict(tags)
    for key in KEYS:
        value = found.get(key)
        if value and value not in ("no", "disused"):
            return f"{key}={value}"
    return None


LAND_TAGS: dict[str, str] = {
    "natural=water": "water",
    "waterway=riverbank": "water",
    "landuse=basin": "water",
    "landuse=reservoir": "water",
    "leisure=park": "park",
    "leisure=garden": "park",
    "landuse=recreation_ground": "park",
    "landuse=village_green": "park",
    "leisure=nature_reserve": "protected",
    "boundary=protected_area": "protected",
    "landuse=farmland": "field",
    "landuse=meadow": "field",
    "landuse=grass": "field",
    "landuse=orchard": "field",
    "landuse=vineyard": "field",
    "landuse=forest": "field",
    "natural=wood": "field",
    "landuse=residential": "residential",
    "landuse=commercial": "office",
    "landuse=retail": "commercial",
    "landuse=industrial": "industrial",
    "amenity=university": "university",
    "landuse=railway": "transport",
    "aeroway=aerodrome": "airport",
}
"""Land use (`city.checks.LAND_USES`) of a tag of OpenStreetMap."""

CORINE: dict[str, str] = {
    **dict.fromkeys(("111", "112"), "residential"),
    "121": "industrial",
    "122": "transport",
    "123": "transport",
    "124": "airport",
    **dict.fromkeys(("131", "132", "133"), "industrial"),
    "141": "park",
    "142": "entertainment",
    **dict.fromkeys(("211", "212", "213", "221", "222", "223", "231"), "field"),
    **dict.fromkeys(("241", "242", "243", "244"), "field"),
    **dict.fromkeys(("311", "312", "313", "321", "322", "323", "324"), "field"),
    **dict.fromkeys(("331", "332", "333", "334", "335"), "field"),
    **dict.fromkeys(("411", "412", "421", "422", "423"), "water"),
    **dict.fromkeys(("511", "512", "521", "522", "523"), "water"),
}
"""Land use of each class of CORINE Land Cover, in the order of its raster values 1 to 44.

Wetlands count as water, since nothing is built in them; sport and leisure as entertainment.
"""
