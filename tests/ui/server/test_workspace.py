"""With sign-in each person has a workspace: nobody sees, cancels or deletes another's runs."""

import shutil
from pathlib import Path

import pytest

from netspatial.errors import BadInput, NetSpatialError
from netspatial.runs.jobs.run import Run, list_runs
from netspatial.ui.components import jobs
from netspatial.ui.server import access, workspace
from netspatial.ui.server.access import Person
from tests.ui.pages import opened, text
from tests.ui.test_plan_page import names, table

ANN, BOB = (Person("https://id.example", name, name.title()) for name in ("ann", "bob"))


@pytest.fixture
def sign_in(tmp_path: Path, small_city, monkeypatch: pytest.MonkeyPatch):
    """Sign somebody in; nobody at first."""
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setattr(access, "signin_is_on", lambda: True)

    def sign(who: Person | None) -> None:
        monkeypatch.setattr(access, "person", lambda: who)

    sign(None)
    return sign


@pytest.fixture
def of_ann(sign_in, planned) -> Run:
    """A finished plan in Ann's workspace; Bob looks."""
    sign_in(ANN)
    folder = workspace.runs_folder() / "plan-of-ann"
    shutil.copytree(planned.folder, folder)
    sign_in(BOB)
    return Run.open(folder)


def test_without_signing_in_there_is_one_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPATIAL_RUNS", "here")
    monkeypatch.setenv("NETSPATIAL_CITIES", "there")
    assert workspace.mine() == workspace.Workspace(Path("here"), Path("there"))


@pytest.mark.usefixtures("sign_in")
def test_whoever_has_not_signed_in_has_no_workspace() -> None:
    with pytest.raises(BadInput, match="Sign in first"):
        workspace.mine()
    page = opened()
    assert [button.label for button in page.button] == ["Sign in"]
    assert not page.selectbox


def test_people_of_two_providers_are_two_people() -> None:
    other = Person("https://other.example", "ann", "Ann")
    assert len({workspace.person_id(who) for who in (ANN, BOB, other)}) == 3


def test_nobody_sees_another_ones_run(sign_in, of_ann) -> None:
    assert workspace.runs() == []
    for name in (of_ann.name, f"{of_ann.folder.parent.name}/{of_ann.name}", "shared-", ".."):
        with pytest.raises(BadInput, match="There is no run"):
            workspace.find_run(name)
    page = opened(run=of_ann.name)
    assert "There is no run 'plan-of-ann' here" in text(page)
    sign_in(ANN)
    assert workspace.runs() == [of_ann]
    assert table(opened(run=of_ann.name))


def test_a_link_shows_a_run_and_lets_nobody_change_it(sign_in, of_ann, planned) -> None:
    sign_in(ANN)
    token = workspace.share(of_ann, link=True, team=False).token
    sign_in(BOB)
    link = f"shared-{token}"
    assert workspace.find_run(link) == of_ann
    assert workspace.runs() == []
    page = opened(run=link)
    assert table(page) == names(planned)
    assert "is shared with you to look at" in text(page)
    for change in (jobs._cancel, workspace.check_mine):
        with pytest.raises(NetSpatialError, match="another person's"):
            change(of_ann)
    with pytest.raises(BadInput, match="another person's"):
        workspace.share(of_ann, link=False, team=True)
    assert not of_ann.path("cancel").exists()
    sign_in(ANN)
    workspace.share(of_ann, link=False, team=False)
    again = workspace.share(of_ann, link=True, team=False).token
    assert again != token
    sign_in(BOB)
    with pytest.raises(BadInput, match="There is no run"):
        workspace.find_run(link)


def test_what_is_shared_with_the_team_is_listed_for_all(sign_in, of_ann) -> None:
    sign_in(ANN)
    workspace.share(of_ann, link=False, team=True)
    sign_in(BOB)
    assert workspace.runs() == [of_ann]
    assert workspace.find_run(of_ann.name) == of_ann
    assert not workspace.is_mine(of_ann)


def test_everybody_sees_the_example_and_the_cities_outside_of_workspaces(
    sign_in, planned, small_city, tmp_path: Path
) -> None:
    sign_in(BOB)
    for name in (f"example-{small_city.folder.name}", "of-the-owner"):
        shutil.copytree(planned.folder, tmp_path / "runs" / name)
    assert [run.name for run in workspace.runs()] == [f"example-{small_city.folder.name}"]
    assert not workspace.is_mine(workspace.runs()[0])
    assert list(workspace.cities()) == [small_city.folder.name]
    assert len(list_runs(tmp_path / "runs")) == 2


def test_a_spoilt_note_of_sharing_shares_with_nobody(of_ann) -> None:
    of_ann.path("sharing.json").write_text('{"team": true, "all": 1}')
    assert workspace.runs() == []
