"""Server settings from a file and the environment, and clear errors for wrong ones."""

from pathlib import Path

import pytest

from netspatial.errors import BadInput
from netspatial.runs.jobs.server_settings import server_settings


def test_the_defaults_suit_a_single_user() -> None:
    settings = server_settings()
    assert settings.hosts == ()
    assert not settings.behind_proxy
    assert 0 < settings.person_share <= settings.queue_length


def test_a_file_is_read_and_the_environment_takes_precedence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "server.toml"
    file.write_text('hosts = ["plan.example"]\nqueue_length = 3\n')
    monkeypatch.setenv("NETSPATIAL_SETTINGS", str(file))
    monkeypatch.setenv("NETSPATIAL_QUEUE_LENGTH", "5")
    assert server_settings().hosts == ("plan.example",)
    assert server_settings().queue_length == 5
    monkeypatch.setenv("NETSPATIAL_HOSTS", "a.example, b.example")
    assert server_settings().hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("queue_length = 0", "setting 'queue_length'.*greater than or equal to 1"),
        ("queue = 3", "setting 'queue'"),
        ("hosts = ", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    file = tmp_path / "server.toml"
    file.write_text(content)
    monkeypatch.setenv("NETSPATIAL_SETTINGS", str(file))
    with pytest.raises(BadInput, match=said):
        server_settings()


def test_a_missing_settings_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPATIAL_SETTINGS", "nowhere.toml")
    with pytest.raises(BadInput, match=r"nowhere\.toml"):
        server_settings()
