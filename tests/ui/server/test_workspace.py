"""With sign-in each user has a workspace and cannot view, cancel or delete others' runs."""

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
    """Return a function that signs a user in; nobody is signed in at first."""
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setattr(access, "signin_is_on", lambda: True)

    def sign(who: Person | None) -> None:
        monkeypatch.setattr(access, "person", lambda: who)

    sign(None)
    return sign


@pytest.fixture
def of_ann(sign_in, planned) -> Run:
    """A finished plan in Ann's workspace; Bob is signed in."""
    sign_in(ANN)
    folder = workspace.runs_folder() / "plan-of-ann"
    shutil.copytree(planned.folder, folder)
    sign_in(BOB)
    return Run.open(folder)


def test_without_sign_in_there_is_one_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPATIAL_RUNS", "here")
    monkeypatch.setenv("NETSPATIAL_CITIES", "there")
    assert workspace.mine() == workspace.Workspace(Path("here"), Path("there"))


@pytest.mark.usefixtures("sign_in")
def test_a_user_who_is_not_signed_in_has_no_workspace() -> None:
    with pytest.raises(BadInput, match="Sign in first"):
        workspace.mine()
    page = opened()
    assert [button.label for button in page.button] == ["Sign in"]
    assert not page.selectbox


def test_the_same_subject_at_two_providers_is_two_users() -> None:
    other = Person("https://other.example", "ann", "Ann")
    assert len({workspace.person_id(who) for who in (ANN, BOB, other)}) == 3


def test_a_user_cannot_view_another_users_run(sign_in, of_ann) -> None:
    assert workspace.runs() == []
    for name in (of_ann.name, f"{of_ann.folder.parent.name}/{of_ann.name}", "shared-", ".."):
        with pytest.raises(BadInput, match="There is no run"):
            workspace.find_run(name)
    page = opened(run=of_ann.name)
    assert "There is no run 'plan-of-ann' here" in text(page)
    sign_in(ANN)
    assert workspace.runs() == [of_ann]
    assert table(opened(run=of_ann.name))


def test_a_shared_link_gives_read_only_access_until_it_is_revoked(sign_in, of_ann, planned) -> None:
    sign_in(ANN)
    token = workspace.share(of_ann, link=True, team=False).token
    sign_in(BOB)
    link = f"shared-{token}"
    assert workspace.find_run(link) == of_ann
    assert workspace.runs() == []
    page = opened(run=link)
    assert table(page) == names(planned)
    assert "is shared with you, read-only" in text(page)
    for change in (jobs._cancel, workspace.check_mine):
        with pytest.raises(NetSpatialError, match="belongs to another user"):
            change(of_ann)
    with pytest.raises(BadInput, match="belongs to another user"):
        workspace.share(of_ann, link=False, team=True)
    assert not of_ann.path("cancel").exists()
    sign_in(ANN)
    workspace.share(of_ann, link=False, team=False)
    again = workspace.share(of_ann, link=True, team=False).token
    assert again != token
    sign_in(BOB)
    with pytest.raises(BadInput, match="There is no run"):
        workspace.find_run(link)


def test_a_run_shared_with_all_users_is_listed_for_each(sign_in, of_ann) -> None:
    sign_in(ANN)
    workspace.share(of_ann, link=False, team=True)
    sign_in(BOB)
    assert workspace.runs() == [of_ann]
    assert workspace.find_run(of_ann.name) == of_ann
    assert not workspace.is_mine(of_ann)


def test_examples_and_cities_outside_workspaces_are_visible_to_everybody(
    sign_in, planned, small_city, tmp_path: Path
) -> None:
    sign_in(BOB)
    for name in (f"example-{small_city.folder.name}", "of-the-owner"):
        shutil.copytree(planned.folder, tmp_path / "runs" / name)
    assert [run.name for run in workspace.runs()] == [f"example-{small_city.folder.name}"]
    assert not workspace.is_mine(workspace.runs()[0])
    assert list(workspace.cities()) == [small_city.folder.name]
    assert len(list_runs(tmp_path / "runs")) == 2


def test_an_invalid_sharing_file_shares_with_nobody(of_ann) -> None:
    of_ann.path("sharing.json").write_text('{"team": true, "all": 1}')
    assert workspace.runs() == []
