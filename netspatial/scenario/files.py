"""The JSON file of a scenario."""

from pathlib import Path

from netspatial.checked import read_json
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.scenario.scenario import Scenario


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario from its JSON file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Scenario
        The checked scenario.

    Raises
    ------
    BadInput
        If the file cannot be read or is not valid.
    """
    return read_json(Path(path), Scenario)


def write_scenario(scenario: Scenario, path: str | Path) -> None:
    """Write a scenario as a JSON file.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    path : str or Path
        The file, which is replaced.
    """
    if not scenario.name.strip():
        raise BadInput("A scenario needs a name before it is saved.")
    with atomic_file(Path(path)) as draft:
        draft.write_text(scenario.model_dump_json(indent=2) + "\n", encoding="utf-8")


def given_scenario(scenario: Scenario | str | Path | None) -> Scenario:
    """Return a scenario that is given as such, as a file, or not at all.

    Parameters
    ----------
    scenario : Scenario, str or Path, optional
        The scenario or its file; None is one without changes.

    Returns
    -------
    Scenario
        The scenario.
    """
    if scenario is None:
        return Scenario()
    return scenario if isinstance(scenario, Scenario) else read_scenario(scenario)
