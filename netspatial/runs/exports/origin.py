"""What every file of a plan says of itself: how it came about, and whose data it rests on.

Between the facts in a run's manifest and its report and exports.
"""

from typing import Any

from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.tables import provenance


def origin(run: PlanRun) -> dict[str, Any]:
    """Return what a file says of itself, JSON-able."""
    return {**provenance(run.facts), "run": run.run.name, "units": units(run)}


def units(run: PlanRun) -> dict[str, str]:
    """Return the unit of each kind of number in the tables."""
    return {"demand": run.metadata["demand_unit"], "utility": run.metadata["utility"]["unit"]}


def origin_sentence(run: PlanRun) -> str:
    """Say in plain words what the numbers are and are not."""
    facts = run.facts
    city, generator = facts["city"], facts["generator"]
    return (
        f"Traffic is {facts['provenance']} by the model {generator['name']} "
        f"({generator['fingerprint']}), trained on {generator['trained_on']} traffic, from the "
        f"{city['provenance']} city '{city['name']}'; nothing in it was measured at these places. "
        f"Seed {facts['seed']}."
    )


def attribution(run: PlanRun) -> str:
    """Return whose data the plan rests on."""
    return "; ".join(run.facts["attribution"]) or "none named"


def licences(run: PlanRun) -> str:
    """Return the licences of the city's parts and of the model, each once."""
    named = [*run.facts["licences"].values(), *run.facts["generator"]["licences"]]
    return ", ".join(dict.fromkeys(map(str, named))) or "none named"
