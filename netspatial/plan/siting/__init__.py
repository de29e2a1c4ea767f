"""How K sites are picked among the candidates.

One more rule is one file and one line in `RULES`.
"""

from netspatial.errors import BadInput
from netspatial.plan.siting.contract import Choice, Problem, Rule, RunnerUp
from netspatial.plan.siting.exact import MAX_COVERAGE, P_MEDIAN
from netspatial.plan.siting.greedy import GREEDY
from netspatial.plan.siting.top_k import EXCLUSION, TOP_K

__all__ = ["RULES", "Choice", "Problem", "Rule", "RunnerUp", "rule_named"]

RULES: dict[str, Rule] = {
    "top-k": TOP_K,
    "exclusion": EXCLUSION,
    "greedy": GREEDY,
    "max-coverage": MAX_COVERAGE,
    "p-median": P_MEDIAN,
}
"""From the name of a siting rule to what it does."""


def rule_named(name: str) -> Rule:
    """Return a siting rule by its name."""
    if name not in RULES:
        raise BadInput(f"There is no siting rule '{name}'; the rules are {', '.join(RULES)}.")
    return RULES[name]
