"""Sentences on what changes at existing stations, composed from the numbers by rules."""

from netspatial.plan.explain.rationale_text import number
from netspatial.plan.explain.site_facts import Spread
from netspatial.plan.site_change import SiteChange
from netspatial.plan.site_measures import OVERLOAD


def change_sentences(change: SiteChange) -> list[str]:
    """Return the change at the stations around the sites, then its assumptions and gaps.

    Parameters
    ----------
    change : SiteChange
        As `site_change` returns it.

    Returns
    -------
    list of str
        The notes alone where nothing is known.
    """
    if not change.totals:
        return list(change.notes)
    sums, unit, table = change.totals, change.unit, change.stations
    relieved = table["station"].nunique()
    first = (
        f"Built, the sites take over {_range(sums['taken'], unit)} from {relieved} stations and "
        f"newly serve {_range(sums['newly_served'], unit)}."
    )
    said = [first]
    loaded = table.dropna(subset=["load_before_mean"])
    if len(loaded):
        most = loaded.loc[loaded["load_before_mean"].idxmax()]
        said.append(
            f"The busy-hour load of '{most['station']}', the most loaded of them, changes from "
            f"{100 * most['load_before_mean']:.0f} % to {100 * most['load_after_mean']:.0f} % "
            f"({100 * most['load_after_p10']:.0f}–{100 * most['load_after_p90']:.0f} %)."
        )
    before, after = sums["overload_before"], sums["overload_after"]
    said.append(
        f"Hours per week above {100 * OVERLOAD:.0f} % of capacity, over all of them: "
        f"{number(before.mean)} before, {_range(after, 'h')} after; unserved traffic: "
        f"{number(sums['unserved_before'].mean)} before, {_range(sums['unserved_after'], unit)} "
        "after."
    )
    return [*said, *change.notes]


def _range(value: Spread, unit: str) -> str:
    return f"{number(value.mean)} {unit} ({number(value.p10)}–{number(value.p90)})"
