"""Text of numbers, quantities, services and categories, the same on all pages."""

import math

from pyproj import Geod

from netspatial.city.city import City
from netspatial.plain_text import in_markdown

WGS84 = Geod(ellps="WGS84")

SERVICE_NAMES = {"total": "Total", "data": "Data", "call": "Calls", "sms": "SMS"}
"""Labels of traffic services; any other service is shown by its own name."""


def number(value: float) -> str:
    """Return a number with three significant digits; an en dash if it is not finite."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(decimals, 6)}f}" if abs(value) < 1000 else f"{value:,.0f}"


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit."""
    return f"{number(value)} {unit}".rstrip() if math.isfinite(value) else number(value)


def service_name(service: str) -> str:
    """Return the label of a traffic service."""
    return SERVICE_NAMES.get(service, service)


def service_label(service: str) -> str:
    """Return the label of a traffic service as Markdown, for widgets."""
    return in_markdown(service_name(service))


def category_name(category: str) -> str:
    """Return an OpenStreetMap category in words: 'fast food' for 'amenity=fast_food'."""
    return category.rpartition("=")[2].replace("_", " ")


def capitalised(words: str) -> str:
    """Return a text with its first letter capitalised and the others unchanged."""
    return words[:1].upper() + words[1:]


def facts(city: City) -> str:
    """Return one line on a city's size, stations, points of interest and days of traffic."""
    west, south, east, north = city.record.bounds
    middle = (south + north) / 2
    width = WGS84.line_length([west, east], [middle, middle])
    height = WGS84.line_length([west, west], [south, north])
    said = [" × ".join(f"{side / 1000:.{0 if side > 9500 else 1}f}" for side in (width, height))]
    said[0] += " km"
    if city.has("stations"):
        said.append(f"{len(city.stations):,} stations")
    if city.has("pois"):
        said.append(f"{len(city.pois):,} points of interest")
    if city.has("traffic"):
        with city.traffic as traffic:
            said.append(f"{traffic.sizes['time'] // 24} days of hourly traffic")
    return " · ".join(said)
