"""Selection methods: K sites among the candidates. A new one is a file and a line in `METHODS`."""

from netspatial.errors import BadInput
from netspatial.plan.siting.contract import Choice, Method, Problem, RunnerUp
from netspatial.plan.siting.exact import MAX_COVERAGE, P_MEDIAN
from netspatial.plan.siting.greedy import GREEDY
from netspatial.plan.siting.top_k import EXCLUSION, TOP_K

__all__ = ["METHODS", "Choice", "Method", "Problem", "RunnerUp", "method_named"]

METHODS: dict[str, Method] = {
    "top-k": TOP_K,
    "exclusion": EXCLUSION,
    "greedy": GREEDY,
    "max-coverage": MAX_COVERAGE,
    "p-median": P_MEDIAN,
}
"""The selection methods by name."""


def method_named(name: str) -> Method:
    """Return a selection method by its name.

    Parameters
    ----------
    name : str
        A key of `METHODS`.

    Returns
    -------
    Method

    Raises
    ------
    BadInput
        If no method has this name.

    Examples
    --------
    >>> method_named("greedy").covers
    True
    """
    if name not in METHODS:
        raise BadInput(
            f"There is no selection method '{name}'; the methods are {', '.join(METHODS)}."
        )
    return METHODS[name]
