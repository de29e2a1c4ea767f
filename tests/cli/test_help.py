"""Every help text is shown completely."""

from collections.abc import Iterator
from inspect import cleandoc

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from netspatial.cli import app

Help = tuple[tuple[str, ...], list[str]]
"""The words of a command, and the sentences of its help."""


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[Help]:
    """Yield `command` and every command below it."""
    sentences = [command.help, *(getattr(param, "help", None) for param in command.params)]
    sentences += [
        param.show_default for param in command.params if isinstance(param.show_default, str)
    ]
    yield path, [cleandoc(sentence) for sentence in sentences if sentence]
    if isinstance(command, TyperGroup):
        for name, part in command.commands.items():
            yield from commands(part, (*path, name))


ALL = list(commands(typer.main.get_command(app)))


def words(text: str) -> str:
    """Return the text on one line, without frames."""
    return " ".join(text.replace("│", " ").split())


def test_the_whole_tree_is_walked() -> None:
    paths = {path for path, _ in ALL}
    assert {(), ("plan",), ("runs", "list"), ("bench", "forecast"), ("city", "build")} <= paths


@pytest.mark.parametrize(
    ("path", "sentences"), ALL, ids=[" ".join(path) or "netspatial" for path, _ in ALL]
)
def test_help_shows_every_sentence_completely(
    monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], sentences: list[str]
) -> None:
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 2000)
    monkeypatch.setenv("COLUMNS", "2000")
    shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0
    assert sentences
    for sentence in sentences:
        assert words(sentence) in words(shown.output), sentence
