"""Kinds of places: categories of OpenStreetMap, Overture and city registers mapped to a few kinds.

Prompts and counts by kind are comparable between cities and sources.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Indices


@dataclass(frozen=True)
class PlaceKind:
    """A kind of place: its singular, its plural, and the category words that name it."""

    one: str
    many: str
    words: str


KINDS: dict[str, PlaceKind] = {
    "food": PlaceKind(
        "place to eat",
        "places to eat",
        """
            restaurant cafe fast food coffee bakery canteen ice cream pizzeria deli
            bistro eatery dining takeaway tea juice food_licence food_court
        """,
    ),
    "nightlife": PlaceKind(
        "bar",
        "bars",
        """
            bar pub nightclub club biergarten casino karaoke lounge disco
        """,
    ),
    "shop": PlaceKind(
        "shop",
        "shops",
        """
            shop store supermarket marketplace mall market convenience clothes retail
            boutique kiosk butcher greengrocer florist hairdresser beauty salon
            jewelry shoes electronics furniture books bookshop optician laundry
            department historic_shop
        """,
    ),
    "office": PlaceKind(
        "office",
        "offices",
        """
            office company coworking it consulting lawyer estate_agent insurance
            accountant headquarters business architect agency telecommunication
        """,
    ),
    "finance": PlaceKind("bank", "banks", "bank atm finance exchange bureau"),
    "public": PlaceKind(
        "public office",
        "public offices",
        """
            townhall fire_station police_station post_office government_office
            register_office government courthouse police fire post embassy library
            administration public community_centre civic
        """,
    ),
    "health": PlaceKind(
        "health service",
        "health services",
        """
            hospital clinic doctors doctor dentist pharmacy veterinary health nursing
            medical
        """,
    ),
    "education": PlaceKind(
        "school",
        "schools",
        """
            school kindergarten college training education childcare nursery tutoring
        """,
    ),
    "university": PlaceKind(
        "university building",
        "university buildings",
        """
            university campus research institute faculty laboratory dormitory lecture
        """,
    ),
    "transport": PlaceKind(
        "stop",
        "stops",
        """
            station stop bike bicycle bus tram metro subway rail railway platform taxi
            ferry terminal airport bus_station surface_stop public_transport halt
        """,
    ),
    "motoring": PlaceKind(
        "car service",
        "car services",
        """
            fuel gas_station petrol_station charging_station parking car garage
            charging ev_charger car_repair car_wash car_rental car_park petrol
            motorcycle dealership tyres
        """,
    ),
    "leisure": PlaceKind(
        "place of leisure",
        "places of leisure",
        """
            cinema theme_park amusement_park water_park theatre museum arts gallery
            attraction zoo theme concert stadium arena entertainment events amusement
            bowling music venue arcade
        """,
    ),
    "sport": PlaceKind(
        "sports ground",
        "sports grounds",
        """
            sport sports pitch gym fitness swimming pool sports_centre sport_centre
            swimming_pool track tennis golf
        """,
    ),
    "green": PlaceKind(
        "green spot",
        "green spots",
        """
            park garden playground nature picnic fountain bench drinking_fountain
            forest viewpoint beach allotments farm farmyard orchard greenhouse
        """,
    ),
    "hotel": PlaceKind(
        "hotel",
        "hotels",
        """
            hotel hostel motel guest guest_house apartment_hotel lodging accommodation
            camp
        """,
    ),
    "home": PlaceKind(
        "home",
        "homes",
        """
            residential apartments house housing apartment block home retirement
            social_facility
        """,
    ),
    "industry": PlaceKind(
        "works",
        "works",
        """
            industrial factory warehouse depot works workshop logistics craft
            manufacture wholesale storage plant port recycling
        """,
    ),
    "worship": PlaceKind(
        "place of worship",
        "places of worship",
        """
            worship place_of_worship church mosque temple synagogue chapel shrine
            cemetery
        """,
    ),
    "other": PlaceKind("other place", "other places", ""),
}
"""Every kind by name; a word that several kinds list belongs to the first of them."""

KIND_NAMES = tuple(KINDS)
_KIND_OF_WORD = {
    word: name for name, kind in reversed(KINDS.items()) for word in kind.words.split()
}
_KIND_OF_KEY = {
    "shop": "shop",
    "office": "office",
    "craft": "industry",
    "industrial": "industry",
    "tourism": "leisure",
    "leisure": "leisure",
    "healthcare": "health",
    "railway": "transport",
    "highway": "transport",
    "public_transport": "transport",
}
"""The kind of an OpenStreetMap key whose value is not known."""


def kind_of(category: str) -> str:
    """Return the kind of one category, 'other' where no word of it is known.

    The value of an OpenStreetMap tag has priority over its key, and a whole term over its words:
    "amenity=fire_station" is a public office and not a stop.
    """
    key, _, value = category.strip().lower().rpartition("=")
    term = re.sub(r"[\s-]+", "_", value)
    if term in _KIND_OF_WORD:
        return _KIND_OF_WORD[term]
    if key in _KIND_OF_KEY:
        return _KIND_OF_KEY[key]
    for word in reversed(re.findall(r"[^\W_]+", value)):
        for form in (word, word.removesuffix("s")):
            if form in _KIND_OF_WORD:
                return _KIND_OF_WORD[form]
    return "other"


def kinds_of(categories: Sequence[str]) -> Indices:
    """Return the position in `KIND_NAMES` of each category, (n,)."""
    distinct, back = np.unique(np.asarray(categories, dtype=str), return_inverse=True)
    known = np.array([KIND_NAMES.index(kind_of(str(one))) for one in distinct], dtype=np.int64)
    return known[back]


def in_words(category: str) -> str:
    """Return a category in words: 'shop=clothes' is a 'clothes shop'."""
    key, _, value = category.strip().lower().rpartition("=")
    term = key if value in {"yes", ""} else value
    words = re.sub(r"[\W_]+", " ", term).strip() or "place"
    if key in {"shop", "office", "craft", "industrial"} and key not in words:
        return f"{words} {key}"
    return words
