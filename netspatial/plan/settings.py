"""What a planner decides before a plan is made: what is good, how sites are picked, how many.

The first step of the plan. Settings are plain values, so that a run can keep them as JSON.
"""

from typing import Any, Literal, Self

import numpy as np
import pydantic

from netspatial.errors import BadInput

MOST_DENSIFICATION = 0.9
"""Beyond, the traffic of single stations would hardly tell demand."""


class PlanSettings(pydantic.BaseModel):
    """All choices behind a plan; distances in metres, traffic in the unit of the ensemble.

    utility : name of what makes a cell good, see `UTILITIES`
    rule : name of how sites are picked, see `RULES`; "top-k" is Eq. 7
    sites : how many sites
    min_demand : least mean traffic of a candidate; None leaves it to the utility (the median of
        the feasible cells where the utility rewards small traffic, else 0); 0 is the
        paper's literal rule
    spacing_m : least distance between two chosen sites, for the rule "exclusion"
    reach_m : distance over which service falls to 1/e, of new and of existing stations
    coverage_reach_m : the same for existing stations of the tier "coverage", which reach further
    densification : power of demand that the density of existing stations follows, 0 to 0.9, for
        "coverage_gain"; 0.5 is the low end of real networks
    risk : "mean", or a quantile such as 0.1 that counts only on what bad futures give
    weights : weight of each utility in "blend"
    prices : price of one unit of traffic of each service, for "revenue"
    mix : share of each service in the traffic, for "revenue"
    must : ids of cells that are chosen in any case
    forbidden : ids of cells that are never chosen
    time_limit_s : how long an exact rule may search, seconds
    explain : "rules", or "llm:" and a hub id or folder of a local language model
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    utility: str = "lsi"
    rule: str = "exclusion"
    sites: int = 10
    min_demand: float | None = None
    spacing_m: float = 300.0
    reach_m: float = 250.0
    coverage_reach_m: float = 400.0
    densification: float = 0.5
    risk: Literal["mean"] | float = "mean"
    weights: dict[str, float] = {}
    prices: dict[str, float] = {"total": 1.0}
    mix: dict[str, float] = {"total": 1.0}
    must: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    time_limit_s: float = 20.0
    explain: str = "rules"

    @classmethod
    def read(cls, record: dict[str, Any]) -> Self:
        """Read settings from outside, with one sentence where a field is wrong."""
        try:
            return cls.model_validate(record)
        except pydantic.ValidationError as error:
            problem = error.errors()[0]
            field = str(problem["loc"][0]) if problem["loc"] else "settings"
            raise BadInput(f"The plan's {field} is not valid: {problem['msg']}.") from error

    @pydantic.model_validator(mode="after")
    def _check(self) -> Self:
        if self.sites < 1:
            raise BadInput(f"A plan of {self.sites} sites was asked for; at least one is needed.")
        lowest = {
            "min_demand": 0.0,
            "spacing_m": 0.0,
            "reach_m": 1.0,
            "coverage_reach_m": 1.0,
            "time_limit_s": 0.1,
        }
        for name, least in lowest.items():
            value = getattr(self, name)
            if value is not None and not least <= value < np.inf:
                raise BadInput(f"The plan's {name} is {value:g}; give {least:g} or more.")
        if not 0 <= self.densification <= MOST_DENSIFICATION:
            raise BadInput(
                f"The densification is {self.densification:g}; give a power from 0 to "
                f"{MOST_DENSIFICATION:g}."
            )
        if self.risk != "mean" and not 0 < self.risk < 1:
            raise BadInput(
                f"The risk is {self.risk:g}; give 'mean' or a quantile between 0 and 1 such as 0.1."
            )
        for name in ("weights", "prices", "mix"):
            for key, value in getattr(self, name).items():
                if not 0 <= value < np.inf:
                    raise BadInput(f"{name} of '{key}' is {value:g}; give zero or more.")
        both = sorted(set(self.must) & set(self.forbidden))
        if both:
            raise BadInput(f"Cell '{both[0]}' is both a must and forbidden; take it off one list.")
        return self
