"""Revenue: what the traffic of a station here would be worth at the operator's prices.

Prices are per unit of traffic and service; the shares say how the traffic divides into services.
"""

from netspatial.errors import BadInput
from netspatial.plan.utilities.contract import Evidence, Floats, Utility

HOURS = 720
"""Revenue is of 30 days."""


def _revenue(evidence: Evidence) -> Floats:
    prices, mix = evidence.settings.prices, evidence.settings.mix
    unpriced = sorted(set(mix) - set(prices))
    unknown = sorted(set(prices) - set(mix))
    if unpriced or unknown:
        told = f"no price for '{unpriced[0]}'" if unpriced else f"no share of '{unknown[0]}'"
        raise BadInput(f"Revenue cannot be told: there is {told}; give both for each service.")
    worth = sum(share * prices[service] for service, share in mix.items())
    return evidence.of("mean") * HOURS * worth


REVENUE = Utility(
    _revenue,
    lambda _unit: "money/30 days",
    title="revenue",
    meaning="what the traffic of 30 days would bring in at the given prices",
    equation="720 h · μ · Σ over services of share · price, traffic counted per hour",
)
