"""Why a site was chosen, in a planner's words: composed from its facts by rules.

The last step of the plan. Deterministic and offline; every number comes from the facts.
"""

import math

from netspatial.plan.explain.site_facts import Facts, Spread, Stations

ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth",
            "Tenth")  # fmt: skip

CLEAR, NARROW = 0.15, 0.03
"""Leads over the challenger beyond which a choice is clear, and below which it is narrow."""

PARTS_OF_DAY = (
    (5, "at night"),
    (10, "in the morning"),
    (14, "around midday"),
    (18, "in the afternoon"),
    (22, "in the evening"),
    (24, "late in the evening"),
)
"""Until which hour a part of the day lasts, and how it is said."""

LEVEL = 0.05
"""Weekends that differ from weekdays by less carry about the same."""


def rationale(facts: Facts) -> str:
    """Return the paragraph for one site."""
    said = [
        _opening(facts),
        _rhythm(facts),
        _surroundings(facts),
        _stations(facts.stations, facts.demand_unit),
        _certainty(facts),
        _change(facts),
    ]
    return " ".join(sentence for sentence in said if sentence)


def number(value: float) -> str:
    """Return a number with the digits a reader needs: three, and no exponent below a million."""
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
    """Return a distance: to ten metres below a kilometre, to a hundred beyond."""
    if value < 1000:
        return f"{max(10, round(value, -1)):.0f} m" if value >= 5 else "a few metres"
    return f"{value / 1000:.1f} km"


def listed(items: list[str]) -> str:
    """Return 'a, b and c'."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _opening(facts: Facts) -> str:
    place = ORDINALS[facts.rank - 1] if facts.rank <= len(ORDINALS) else f"Number {facts.rank}"
    place += " choice" if facts.rank <= len(ORDINALS) else f" of {facts.of}"
    if facts.required:
        place += ", required by the plan"
    demand = f"{number(facts.demand.mean)} {facts.demand_unit}"
    said = (
        f"{place}: by {facts.provenance} traffic a station here would carry {demand} on average"
        f"{_between(facts.demand, facts.futures)}, more than {_whole_percent(facts.beats)} % of "
        "the feasible cells"
    )
    if facts.utility == "mean demand":
        return said + "."
    value = f"{number(facts.value.mean)} {facts.utility_unit}".strip()
    return f"{said}; its {facts.utility} is {value}{_between(facts.value, facts.futures)}."


def _whole_percent(share: float) -> int:
    """Round down, and never to all: no cell carries more than every cell, itself among them."""
    return min(int(100 * share), 99)


def _between(spread: Spread, futures: int) -> str:
    if futures < 2:
        return ""
    return f" ({number(spread.p10)} to {number(spread.p90)} in four futures out of five)"


def _rhythm(facts: Facts) -> str:
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


def _surroundings(facts: Facts) -> str:
    if facts.pois is None:
        return ""
    if facts.poi_count == 0:
        return "No point of interest is mapped within 300 m."
    known = "place is" if facts.poi_count == 1 else "places are"
    said = f"{facts.poi_count} {known} mapped within 300 m"
    if not facts.pois:
        return f"{said}."
    return f"{said}, above all {listed([f'{count} {name}' for name, count in facts.pois])}."


def _stations(stations: Stations | None, unit: str) -> str:
    if stations is None:
        return "Existing stations are not known here, so what they serve is not counted."
    if not stations.nearest:
        return "There is no station yet."
    said = f"The nearest station, {stations.nearest}, is {metres(stations.nearest_m)} away"
    if math.isfinite(stations.load):
        said += f" and carries {number(stations.load)} {unit} on average ({stations.load_from})"
    if stations.within == 0:
        return f"{said}."
    those = "one stands" if stations.within == 1 else f"{stations.within} stand"
    return f"{said}; {those} within 1 km."


def _certainty(facts: Facts) -> str:
    if facts.futures < 2 or facts.required:
        return ""
    share = facts.chosen_in / facts.futures
    said = f"It is chosen in {facts.chosen_in} of {facts.futures} futures"
    if share >= 0.75:
        return f"{said}: a sure choice."
    if share >= 0.4:
        return f"{said}."
    return f"{said}, so several cells are about as good."


def _change(facts: Facts) -> str:
    if facts.required:
        return ""
    floor = ""
    if facts.floor > 0:
        floor = (
            f" A floor above {number(facts.demand.mean)} {facts.demand_unit} would take it off "
            "the list."
        )
    if not facts.challenger:
        return f"No other candidate could take its place.{floor}"
    if facts.margin <= 0:
        return f"Cell {facts.challenger} would do as well in its place.{floor}"
    lead = f"{100 * facts.margin:.0f} %" if facts.margin >= 0.01 else "less than 1 %"
    word = "clear" if facts.margin >= CLEAR else "narrow" if facts.margin < NARROW else "fair"
    return (
        f"Its lead is {word}: a fall of its {facts.measured_by} by {lead} would hand the place to "
        f"cell {facts.challenger}.{floor}"
    )
