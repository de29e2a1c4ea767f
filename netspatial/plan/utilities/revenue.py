"""Revenue: traffic times price, summed over services.

Prices are per unit of traffic and service; shares divide the traffic into services.
"""

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.plan.utilities.contract import Utility, UtilityInputs

HOURS = 720
"""Hours of 30 days, the period of the revenue."""


def _revenue(inputs: UtilityInputs) -> Floats:
    prices, mix = inputs.settings.prices, inputs.settings.mix
    unpriced = sorted(set(mix) - set(prices))
    unknown = sorted(set(prices) - set(mix))
    if unpriced or unknown:
        problem = f"no price for '{unpriced[0]}'" if unpriced else f"no share of '{unknown[0]}'"
        raise BadInput(f"Revenue needs a price and a share for each service; there is {problem}.")
    price = sum(share * prices[service] for service, share in mix.items())
    return inputs.of("mean") * HOURS * price


REVENUE = Utility(
    _revenue,
    lambda _unit: "€ per 30 days",
    title="revenue",
    meaning="revenue from the traffic of 30 days at the set prices",
    equation="720 h · μ · Σ over services of share · price, traffic counted per hour",
)
