"""Sleep policies by name. A new policy is a file with a class and one line in `POLICIES`."""

from collections.abc import Callable

from netspatial.operate.policies.always_on import AlwaysOn
from netspatial.operate.policies.chance import Chance
from netspatial.operate.policies.contract import Decision, Forecast, Policy, State
from netspatial.operate.policies.greedy import Greedy
from netspatial.operate.policies.milp import Milp
from netspatial.operate.policies.oracle import Oracle
from netspatial.operate.policies.paper import Paper
from netspatial.operate.policies.rolling import Rolling
from netspatial.operate.policies.static_night import StaticNight
from netspatial.operate.policies.swes import Swes
from netspatial.operate.policies.threshold import Threshold

__all__ = ["DEFAULT", "POLICIES", "Decision", "Forecast", "Policy", "State"]

POLICIES: dict[str, Callable[..., Policy]] = {
    "greedy": Greedy,
    "rolling": Rolling,
    "milp": Milp,
    "chance": Chance,
    "swes": Swes,
    "threshold": Threshold,
    "static-night": StaticNight,
    "paper": Paper,
    "always-on": AlwaysOn,
    "oracle": Oracle,
}
"""From a policy's name to its builder; keyword arguments are the policy parameters."""
DEFAULT = "greedy"
