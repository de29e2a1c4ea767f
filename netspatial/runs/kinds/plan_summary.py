"""The metadata of a plan as JSON: settings, utility, minimum demand, notes."""

import json
from pathlib import Path
from typing import Any

from netspatial.disk import atomic_file
from netspatial.plan.plan import Plan


def plan_summary(plan: Plan) -> dict[str, Any]:
    """Return the metadata of a plan, JSON-able."""
    demand_floor, utility = plan.demand_floor, plan.utility
    return {
        "settings": plan.settings.model_dump(mode="json"),
        "utility": {
            "title": utility.title,
            "meaning": utility.meaning,
            "equation": utility.equation,
            "better": utility.better,
            "unit": plan.unit,
        },
        "demand_unit": plan.demand_unit,
        "samples": plan.samples,
        "demand_floor": {
            "floor": demand_floor.floor,
            "unit": demand_floor.unit,
            "why": demand_floor.why,
            "kept": demand_floor.kept,
            "removed": demand_floor.removed,
            "excluded": demand_floor.excluded,
            "sentence": demand_floor.sentence,
        },
        "notes": list(plan.notes),
    }


def write_plan(plan: Plan, path: Path) -> None:
    """Write the metadata of a plan."""
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(plan_summary(plan), indent=2) + "\n")
