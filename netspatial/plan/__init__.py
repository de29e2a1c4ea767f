"""What-if planning: from generated traffic to ranked and explained sites.

    judged = feasibility(cells, city)
    plan = make_plan(judged, generator.sample(...), PlanSettings(sites=10), Surroundings(...))

Keep `statistics(traffic)` to rank again under other settings in a fraction of a second.
"""

from netspatial.plan.demand_floor import DemandFloor
from netspatial.plan.explain.explain import Surroundings
from netspatial.plan.plan import Plan, make_plan
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import METHODS
from netspatial.plan.statistics import statistics
from netspatial.plan.utilities import UTILITIES, Utility, own_utility

__all__ = [
    "METHODS",
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
