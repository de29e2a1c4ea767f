"""Revenue: what the traffic of a station here would be worth at the operator's prices.

Prices are per unit of traffic and service; the shares say how the traffic divides into services.
"""

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.plan.utilities.contract import Utility, UtilityInputs

HOURS = 720
"""Revenue is of 30 days."""


def _revenue(inputs: UtilityInputs) -> Floats:
    prices, mix = inputs.settings.prices, inputs.settings.mix
    unpriced = sorted(set(mix) - set(prices))
    unknown = sorted(set(prices) - set(mix))
    if unpriced or unknown:
        metadata = f"no price for '{unpriced[0]}'" if unpriced else f"no share of '{unknown[0]}'"
        raise BadInput(f"Revenue cannot be told: there is {metadata}; give both for each service.")
    coverage_weight = sum(share * prices[service] for service, share in mix.items())
    return inputs.of("mean") * HOURS * coverage_weight


REVENUE = Utility(
    _revenue,
    lambda _unit: "money/30 days",
    title="revenue",
    meaning="what the traffic of 30 days would bring in at the given prices",
    equation="720 h · μ · Σ over services of share · price, traffic counted per hour",
)
