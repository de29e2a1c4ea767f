"""Whose runs and cities a page shows: those of whoever signed in, or of all where nobody has to.

The one place that pages ask for folders. A person's workspace is a folder `@ID` in the runs folder
and one in the cities folder; ID is a hash of who the provider says the person is. Cities outside of
workspaces, such as the demo city, are everybody's to read.
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
"""In a run's folder: with whom its owner shares it."""
EXAMPLE = "example-"
"""Runs outside of workspaces whose names begin so are everybody's to look at."""
LINK = "shared-"
"""A run's name in an address begins so where it was opened by its link."""


class Sharing(pydantic.BaseModel):
    """With whom a run is shared, to look at: whoever has the link, all who sign in."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    token: str | None = None
    team: bool = False


@dataclass(frozen=True)
class Workspace:
    """The folders of one person; of everybody where nobody signs in."""

    runs: Path
    cities: Path


def mine() -> Workspace:
    """Return the workspace of whoever looks at the page."""
    if not access.signin_is_on():
        return Workspace(all_runs(), all_cities())
    if (who := access.person()) is None:
        raise BadInput("Sign in first.")
    name = PERSON + person_id(who)
    return Workspace(all_runs() / name, all_cities() / name)


def person_id(who: access.Person) -> str:
    """Return what a person's folders are called, from what OpenID Connect knows a person by."""
    metadata = json.dumps([who.issuer, who.subject]).encode()
    return hashlib.blake2b(metadata, digest_size=10).hexdigest()


def runs_folder() -> Path:
    """Return where the runs of whoever looks are kept."""
    return mine().runs


def cities_folder() -> Path:
    """Return where the cities of whoever looks are kept."""
    return mine().cities


def cities(viewed: Run | None = None) -> dict[str, Path]:
    """Return the city folders by name: everybody's, one's own, and that of a run one may view."""
    found = {**find_cities(all_cities()), **find_cities(cities_folder())}
    if viewed is not None and not is_mine(viewed):
        city = Path(str(viewed.manifest.request["city"]))
        if city.resolve() not in {path.resolve() for path in found.values()}:
            found = {f"{city.name} (shared)": city, **found}
    return found


def runs() -> list[Run]:
    """Return the runs that whoever looks may see, newest first: own ones, the team's, examples."""
    own = list_runs(runs_folder())
    if not access.signin_is_on():
        return own
    examples = [run for run in list_runs(all_runs()) if run.name.startswith(EXAMPLE)]
    return own + [run for run in _of_others() if sharing_of(run).team] + examples


def new_run(kind: str, about: str) -> Path:
    """Return a fresh folder for a run of whoever looks, named after its kind and subject."""
    return new_folder(kind, about, runs_folder())


def find_run(name: str, what: str = "run") -> Run:
    """Open a run that whoever looks may see, by its name or link, never taken for a path."""
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
    """Tell whether whoever looks may change a run, cancel and delete it, not only see it."""
    return run.folder.resolve().parent == runs_folder().resolve()


def check_mine(run: Run) -> None:
    """Raise where a run is somebody else's."""
    if not is_mine(run):
        raise BadInput(f"The run '{run.name}' is another person's; you may look at it only.")


def sharing_of(run: Run) -> Sharing:
    """Return with whom a run is shared; with nobody where that cannot be read."""
    path = run.path(SHARING)
    if not path.is_file():
        return Sharing()
    try:
        return Sharing.model_validate_json(path.read_bytes())
    except (OSError, pydantic.ValidationError):
        return Sharing()


def share(run: Run, *, link: bool, team: bool) -> Sharing:
    """Share a run of one's own by a link, with the team, or with nobody.

    A link that is taken back never works again: another one has another token.
    """
    check_mine(run)
    before = sharing_of(run)
    token = (before.token or secrets.token_urlsafe(16)) if link else None
    chosen = Sharing(token=token, team=team)
    with atomic_file(run.path(SHARING)) as draft:
        draft.write_text(chosen.model_dump_json() + "\n")
    return chosen


def _of_others() -> list[Run]:
    """Return the runs of other people; none where nobody signs in."""
    if not access.signin_is_on() or not all_runs().is_dir():
        return []
    own = runs_folder().name
    others = [path for path in sorted(all_runs().glob(f"{PERSON}*")) if path.name != own]
    return [run for folder in others for run in list_runs(folder)]
