"""Workspaces: the runs and cities of the signed-in user, or of all users without sign-in.

A user's workspace is a folder `@ID` in the runs folder and one in the cities folder; ID is a hash
of the user's identity at the provider. Cities outside workspaces, such as the demo city, are
readable by everybody.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import pydantic

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.runs.jobs.queue import PERSON
from netspatial.runs.jobs.run import MANIFEST, Run, list_runs, new_folder
from netspatial.runs.jobs.run import runs_folder as all_runs
from netspatial.ui.components.library import cities_folder as all_cities
from netspatial.ui.components.library import find_cities
from netspatial.ui.server import access

SHARING = "sharing.json"
"""File in a run's folder: with whom its owner shares it."""
EXAMPLE = "example-"
"""Prefix of runs outside workspaces that everybody can view."""
LINK = "shared-"
"""Prefix of a run's name in an address that was shared as a link."""


class Sharing(pydantic.BaseModel):
    """Read access to a run: the token of its link; whether all signed-in users can view it."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    token: str | None = None
    team: bool = False


@dataclass(frozen=True)
class Workspace:
    """The folders of one user; of all users without sign-in."""

    runs: Path
    cities: Path


def mine() -> Workspace:
    """Return the workspace of the current user."""
    if not access.signin_is_on():
        return Workspace(all_runs(), all_cities())
    if (who := access.person()) is None:
        raise BadInput("Sign in first.")
    name = PERSON + person_id(who)
    return Workspace(all_runs() / name, all_cities() / name)


def person_id(who: access.Person) -> str:
    """Return the id of a user's folders: a hash of issuer and subject of OpenID Connect."""
    identity = json.dumps([who.issuer, who.subject]).encode()
    return hashlib.blake2b(identity, digest_size=10).hexdigest()


def runs_folder() -> Path:
    """Return the runs folder of the current user."""
    return mine().runs


def cities_folder() -> Path:
    """Return the cities folder of the current user."""
    return mine().cities


def cities(viewed: Run | None = None) -> dict[str, Path]:
    """Return the city folders by name: public ones, one's own, and that of the viewed run."""
    found = {**find_cities(all_cities()), **find_cities(cities_folder())}
    if viewed is not None and not is_mine(viewed):
        city = Path(str(viewed.manifest.request["city"]))
        if city.resolve() not in {path.resolve() for path in found.values()}:
            found = {f"{city.name} (shared)": city, **found}
    return found


def runs() -> list[Run]:
    """Return the runs that the user may view: own ones (newest first), shared ones, examples."""
    own = list_runs(runs_folder())
    if not access.signin_is_on():
        return own
    examples = [run for run in list_runs(all_runs()) if run.name.startswith(EXAMPLE)]
    return own + [run for run in _of_others() if sharing_of(run).team] + examples


def new_run(kind: str, about: str) -> Path:
    """Return a new folder for a run of the user, named after its kind and subject."""
    return new_folder(kind, about, runs_folder())


def find_run(name: str, what: str = "run") -> Run:
    """Return a run that the user may view, by its name or link; a path is rejected."""
    known = name and Path(name).name == name and not name.startswith((".", PERSON))
    if known and (runs_folder() / name / MANIFEST).is_file():
        return Run.open(runs_folder() / name)
    if known and name.startswith(LINK):
        for run in _of_others():
            token = sharing_of(run).token
            if token and secrets.compare_digest(LINK + token, name):
                return run
    for run in runs() if known else []:
        if run.name == name:
            return run
    raise BadInput(f"There is no {what} '{name:.80}' here; it may have been deleted.")


def is_mine(run: Run) -> bool:
    """Return whether the user owns a run, and may cancel, share and delete it."""
    return run.folder.resolve().parent == runs_folder().resolve()


def check_mine(run: Run) -> None:
    """Raise if a run belongs to another user."""
    if not is_mine(run):
        raise BadInput(f"The run '{run.name}' belongs to another user; you can only view it.")


def sharing_of(run: Run) -> Sharing:
    """Return with whom a run is shared; with nobody if its file cannot be read."""
    path = run.path(SHARING)
    if not path.is_file():
        return Sharing()
    try:
        return Sharing.model_validate_json(path.read_bytes())
    except (OSError, pydantic.ValidationError):
        return Sharing()


def share(run: Run, *, link: bool, team: bool) -> Sharing:
    """Share one's own run by link, with all signed-in users, or with nobody.

    A revoked link never works again: a new one gets a new token.
    """
    check_mine(run)
    before = sharing_of(run)
    token = (before.token or secrets.token_urlsafe(16)) if link else None
    chosen = Sharing(token=token, team=team)
    with atomic_file(run.path(SHARING)) as draft:
        draft.write_text(chosen.model_dump_json() + "\n")
    return chosen


def _of_others() -> list[Run]:
    """Return the runs of other users; none without sign-in."""
    if not access.signin_is_on() or not all_runs().is_dir():
        return []
    own = runs_folder().name
    others = [path for path in sorted(all_runs().glob(f"{PERSON}*")) if path.name != own]
    return [run for folder in others for run in list_runs(folder)]
