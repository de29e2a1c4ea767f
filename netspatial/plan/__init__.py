"""What-if: from generated traffic to a ranked, explained plan of sites.

    judged = feasibility(cells, city)
    plan = make_plan(judged, generator.sample(...), PlanSettings(k=10), Surroundings(...))

Keep `statistics(traffic)` to rank again, in a fraction of a second, under other settings.
"""

from netspatial.plan.demand_floor import DemandFloor
from netspatial.plan.explain.explain import Surroundings
from netspatial.plan.plan import Plan, make_plan
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import RULES
from netspatial.plan.statistics import statistics
from netspatial.plan.utilities import UTILITIES, Utility, own_utility

__all__ = [
    "RULES",
    "UTILITIES",
    "DemandFloor",
    "Plan",
    "PlanSettings",
    "Surroundings",
    "Utility",
    "make_plan",
    "own_utility",
    "statistics",
]
