"""Rationale of a site, composed from its facts by rules: deterministic and offline."""

import math

from netspatial.plan.explain.site_facts import NearbyStations, SiteFacts, Spread
from netspatial.plan.level_range import MeasuredSupport

ORDINALS = (
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
)

CLEAR, NARROW = 0.15, 0.03
"""A lead over the challenger is clear above the first and narrow below the second."""

PARTS_OF_DAY = (
    (5, "at night"),
    (10, "in the morning"),
    (14, "around midday"),
    (18, "in the afternoon"),
    (22, "in the evening"),
    (24, "late in the evening"),
)
"""End hour and wording of each part of the day."""

WIDER = 5.0
"""Per cent by which a range is wider than the median one before it is said."""

LEVEL = 0.05
"""Relative difference below which weekends count as equal to weekdays."""


def rationale(facts: SiteFacts) -> str:
    """Return the rationale of one site, one paragraph.

    Parameters
    ----------
    facts : SiteFacts
        Facts of the site.

    Returns
    -------
    str
        Composed by rules; the same facts give the same text.
    """
    said = [
        _opening(facts),
        _rhythm(facts),
        _surroundings(facts),
        _stations(facts.stations, facts.demand_unit),
        _measured(facts.measured),
        _certainty(facts),
        _change(facts),
    ]
    return " ".join(sentence for sentence in said if sentence)


def number(value: float) -> str:
    """Return a number with three significant digits, without exponent below 10^6.

    Parameters
    ----------
    value : float
        Any number; "unknown" where it is not finite.

    Returns
    -------
    str

    Examples
    --------
    >>> number(1234.5), number(0.04567), number(2.0)
    ('1,234', '0.0457', '2')
    """
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    if digits > 6:
        return f"{value:.2g}"
    text = f"{round(value, digits):,.{digits}f}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def metres(value: float) -> str:
    """Return a distance, rounded to 10 m below 1 km and to 100 m above.

    Parameters
    ----------
    value : float
        Distance, m.

    Returns
    -------
    str

    Examples
    --------
    >>> metres(123.0), metres(1234.0)
    ('120 m', '1.2 km')
    """
    if value < 1000:
        return f"{max(10, round(value, -1)):.0f} m" if value >= 5 else "a few metres"
    return f"{value / 1000:.1f} km"


def listed(items: list[str]) -> str:
    """Return 'a, b and c'.

    Parameters
    ----------
    items : list of str
        One item or more.

    Returns
    -------
    str

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _opening(facts: SiteFacts) -> str:
    if facts.required:
        place = "Required site"
    elif facts.rank <= len(ORDINALS):
        place = f"{ORDINALS[facts.rank - 1]} choice"
    else:
        place = f"Number {facts.rank} of {facts.of}"
    demand = f"{number(facts.demand.mean)} {facts.demand_unit}"
    said = (
        f"{place}: a station here is expected to carry {demand} on average "
        f"({facts.provenance}{_range(facts.demand, facts.samples, ', ')}), {_standing(facts.beats)}"
    )
    if facts.utility == "mean demand":
        return said + "."
    value = f"{number(facts.value.mean)} {facts.utility_unit}".strip()
    spread = _range(facts.value, facts.samples)
    return f"{said}; its {facts.utility} is {value}{f' ({spread})' if spread else ''}."


def _standing(beats: float) -> str:
    """Compare a site with the feasible cells; percentages are rounded down, to at most 99 %."""
    if beats <= 0:
        return "less than every other feasible cell"
    percent = min(int(100 * beats), 99)
    if percent == 0:
        return "among the lowest 1 % of the feasible cells"
    return f"more than {percent} % of the feasible cells"


def _range(spread: Spread, samples: int, before: str = "") -> str:
    if samples < 2:
        return ""
    return f"{before}80 % range {number(spread.p10)} to {number(spread.p90)}"


def _rhythm(facts: SiteFacts) -> str:
    hour = facts.rhythm.peak_hour
    when = next(words for end, words in PARTS_OF_DAY if hour < end)
    said = f"Traffic peaks {when}, at {hour}:00"
    weekend = facts.rhythm.weekend
    if not math.isfinite(weekend):
        return f"{said}."
    change = abs(100 * (weekend - 1))
    if abs(weekend - 1) < LEVEL:
        return f"{said}, and weekends carry about as much as weekdays."
    return f"{said}, and weekends carry {change:.0f} % {'more' if weekend > 1 else 'less'}."


def _surroundings(facts: SiteFacts) -> str:
    if facts.pois is None:
        return ""
    if facts.poi_count == 0:
        return "No point of interest is mapped within 300 m."
    known = "place is" if facts.poi_count == 1 else "places are"
    said = f"{facts.poi_count} {known} mapped within 300 m"
    if not facts.pois:
        return f"{said}."
    return f"{said}, mainly {listed([f'{count} {name}' for name, count in facts.pois])}."


def _stations(stations: NearbyStations | None, unit: str) -> str:
    if stations is None:
        return "There are no data on existing stations, so the traffic they serve is not counted."
    if not stations.nearest:
        return "There are no existing stations."
    said = f"The nearest station, {stations.nearest}, is {metres(stations.nearest_m)} away"
    if math.isfinite(stations.load):
        said += f" and carries {number(stations.load)} {unit} on average ({stations.load_from})"
    if stations.within == 0:
        return f"{said}."
    count = "1 station" if stations.within == 1 else f"{stations.within} stations"
    return f"{said}; {count} within 1 km."


def _measured(support: MeasuredSupport | None) -> str:
    """Name the measured stations that the estimate rests on, or say that none is near."""
    if support is None:
        return ""
    said = []
    if support.stations:
        near = listed([f"like {name}, {metres(away)} away" for name, away, _ in support.stations])
        said.append(f"Its mean load is estimated {near}.")
    if support.far:
        wide = f"the 80 % range of its mean load is ± {support.percent:.0f} %"
        if support.wider >= WIDER:
            wide += f", {support.wider:.0f} % wider than in the median cell"
        said.append(f"The nearest measured station is {metres(support.nearest_m)} away: {wide}.")
    return " ".join(said)


def _certainty(facts: SiteFacts) -> str:
    if facts.samples < 2 or facts.required:
        return ""
    share = facts.selected_in / facts.samples
    said = f"Selected in {facts.selected_in} of {facts.samples} samples"
    if share >= 0.75:
        return f"{said}: a robust choice."
    if share >= 0.4:
        return f"{said}."
    return f"{said}: several cells are about equally good."


def _change(facts: SiteFacts) -> str:
    if facts.required:
        return ""
    floor = ""
    if facts.floor > 0:
        floor = (
            f" A minimum demand above {number(facts.demand.mean)} {facts.demand_unit} would "
            "exclude it."
        )
    if not facts.challenger:
        return f"No other candidate could take its place.{floor}"
    if facts.margin <= 0:
        return f"Cell {facts.challenger} would be equally good in its place.{floor}"
    lead = f"{100 * facts.margin:.0f} %" if facts.margin >= 0.01 else "less than 1 %"
    word = "clear" if facts.margin >= CLEAR else "narrow" if facts.margin < NARROW else "fair"
    return (
        f"Its lead is {word}: if its {facts.measured_by} were lower by {lead}, cell "
        f"{facts.challenger} would take its place.{floor}"
    )
