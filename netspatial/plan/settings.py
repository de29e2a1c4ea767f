"""Settings of a plan: utility, selection method, number of sites; stored as JSON with each run."""

from typing import Any, Literal, Self

import numpy as np
import pydantic

from netspatial.errors import BadInput

MAX_DENSIFICATION = 0.9
"""Largest densification; above it, station traffic hardly depends on demand."""


class PlanSettings(pydantic.BaseModel):
    """All settings of a plan, stored as JSON with each run; distances are in metres.

    Traffic is in the unit of the ensemble.

    Attributes
    ----------
    utility : str
        Name of the utility, see `UTILITIES`; "lsi" is Eq. 6.
    method : str
        Name of the selection method, see `METHODS`; "top-k" is Eq. 7.
    sites : int
        Number of sites, at least 1.
    min_demand : float or None
        Minimum mean traffic of a candidate. None: the median of the feasible cells if the utility
        rewards small traffic, else 0. 0 is the paper's rule.
    spacing_m : float
        Minimum distance between two sites, m; for the method "exclusion".
    radius_m : float
        Distance over which service falls to 1/e, m; of new and of existing stations.
    coverage_radius_m : float
        The same for existing stations of the tier "coverage", which reach further, m.
    densification : float
        Power of demand that the density of existing stations follows, 0 to 0.9; for
        "coverage_gain". 0.5 is the low end of real networks.
    risk : "mean" or float
        Summary of the utility over the samples: the mean, or a quantile such as 0.1 for a
        cautious plan.
    weights : dict from str to float
        Weight of each utility in "blend".
    prices : dict from str to float
        Price of one unit of traffic of each service, €; for "revenue".
    mix : dict from str to float
        Share of each service in the traffic; for "revenue".
    required : tuple of str
        Ids of cells that are always selected.
    excluded : tuple of str
        Ids of cells that are never selected.
    time_limit_s : float
        Time limit of an exact method, s.
    explain : str
        "rules", or "llm:" and a hub id or folder of a local language model.

    Raises
    ------
    BadInput
        If a value lies outside its range, or a cell is both required and excluded.

    Examples
    --------
    >>> PlanSettings(utility="coverage_gain", method="greedy", sites=5).sites
    5
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    utility: str = "lsi"
    method: str = "exclusion"
    sites: int = 10
    min_demand: float | None = None
    spacing_m: float = 300.0
    radius_m: float = 250.0
    coverage_radius_m: float = 400.0
    densification: float = 0.5
    risk: Literal["mean"] | float = "mean"
    weights: dict[str, float] = {}
    prices: dict[str, float] = {"total": 1.0}
    mix: dict[str, float] = {"total": 1.0}
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    time_limit_s: float = 20.0
    explain: str = "rules"

    @classmethod
    def read(cls, record: dict[str, Any]) -> Self:
        """Return settings from a JSON record.

        Parameters
        ----------
        record : dict
            The fields by name; fields that are left out keep their defaults.

        Returns
        -------
        PlanSettings

        Raises
        ------
        BadInput
            If a field is unknown or has a wrong type; the message names the first.

        Examples
        --------
        >>> PlanSettings.read({"utility": "demand", "sites": 3}).method
        'exclusion'
        """
        try:
            return cls.model_validate(record)
        except pydantic.ValidationError as error:
            problem = error.errors()[0]
            field = str(problem["loc"][0]) if problem["loc"] else "settings"
            raise BadInput(f"The plan's {field} is not valid: {problem['msg']}.") from error

    @pydantic.model_validator(mode="after")
    def _check(self) -> Self:
        if self.sites < 1:
            raise BadInput(f"The plan requests {self.sites} sites; request at least one.")
        lowest = {
            "min_demand": 0.0,
            "spacing_m": 0.0,
            "radius_m": 1.0,
            "coverage_radius_m": 1.0,
            "time_limit_s": 0.1,
        }
        for name, least in lowest.items():
            value = getattr(self, name)
            if value is not None and not least <= value < np.inf:
                raise BadInput(f"The plan's {name} is {value:g}; give {least:g} or more.")
        if not 0 <= self.densification <= MAX_DENSIFICATION:
            raise BadInput(
                f"The densification is {self.densification:g}; give a power from 0 to "
                f"{MAX_DENSIFICATION:g}."
            )
        if self.risk != "mean" and not 0 < self.risk < 1:
            raise BadInput(
                f"The risk is {self.risk:g}; give 'mean' or a quantile between 0 and 1 such as 0.1."
            )
        for name in ("weights", "prices", "mix"):
            for key, value in getattr(self, name).items():
                if not 0 <= value < np.inf:
                    raise BadInput(f"{name} of '{key}' is {value:g}; give zero or more.")
        both = sorted(set(self.required) & set(self.excluded))
        if both:
            raise BadInput(
                f"Cell '{both[0]}' is both required and excluded; remove it from one of the lists."
            )
        return self
