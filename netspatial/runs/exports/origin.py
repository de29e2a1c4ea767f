"""Provenance, units, attribution and licences of a plan, for its report and exports."""

from typing import Any

from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.tables import provenance


def origin(run: PlanRun) -> dict[str, Any]:
    """Return the provenance and units of a plan, JSON-able."""
    return {**provenance(run.facts), "run": run.run.name, "units": units(run)}


def units(run: PlanRun) -> dict[str, str]:
    """Return the units of demand and utility in the tables."""
    return {"demand": run.metadata["demand_unit"], "utility": run.metadata["utility"]["unit"]}


def origin_sentence(run: PlanRun) -> str:
    """Return a sentence on the provenance of the numbers."""
    facts = run.facts
    city, generator = facts["city"], facts["generator"]
    return (
        f"Traffic is {facts['provenance']} by the model {generator['name']} "
        f"({generator['fingerprint']}), trained on {generator['trained_on']} traffic, from the "
        f"{city['provenance']} city '{city['name']}'; no value was measured at these places. "
        f"Seed {facts['seed']}."
    )


def attribution(run: PlanRun) -> str:
    """Return the attribution of the data behind the plan."""
    return "; ".join(run.facts["attribution"]) or "none named"


def licences(run: PlanRun) -> str:
    """Return the licences of the city's parts and of the model, without duplicates."""
    named = [*run.facts["licences"].values(), *run.facts["generator"]["licences"]]
    return ", ".join(dict.fromkeys(map(str, named))) or "none named"
