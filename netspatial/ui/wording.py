"""How numbers, units and places are written on the page, the same everywhere."""

import math

from netspatial.city import City

SERVICE_NAMES = {"total": "Total", "data": "Data", "call": "Calls", "sms": "SMS"}
"""What the app calls a traffic service; any other goes by its own name."""


def number(value: float) -> str:
    """Return a number with three significant digits, an en dash where there is none."""
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
    """Return what the app calls a traffic service."""
    return SERVICE_NAMES.get(service, service)


def facts(city: City) -> str:
    """Return one line that says how much of a city there is."""
    west, south, east, north = city.record.bounds
    middle = math.radians((south + north) / 2)
    width_km, height_km = (east - west) * 111.32 * math.cos(middle), (north - south) * 110.57
    said = [f"{width_km:.0f} × {height_km:.0f} km"]
    if city.has("stations"):
        said.append(f"{len(city.stations):,} stations")
    if city.has("pois"):
        said.append(f"{len(city.pois):,} points of interest")
    if city.has("traffic"):
        with city.traffic as traffic:
            said.append(f"{traffic.sizes['time'] // 24} days of hourly traffic")
    return " · ".join(said)
