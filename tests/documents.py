"""What the README and the pages of docs/ contain: code blocks, commands, links."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from typer.main import get_command

from netspatial.cli import app

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
}
"""Text of each page by its path in the repository."""


def blocks(page: str, language: str) -> list[str]:
    """Code blocks of one language, without their common indent."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGES[page], re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def commands(page: str, program: str, language: str = "bash") -> list[list[str]]:
    """Arguments of each command of a program, in the order of the page."""
    text = "".join(blocks(page, language)).replace("\\\n", " ")
    lines = (line.removeprefix("$ ") for line in text.splitlines())
    return [
        shlex.split(line, comments=True)[1:] for line in lines if line.startswith(f"{program} ")
    ]


def netspatial_commands(page: str) -> list[list[str]]:
    """Arguments of every `netspatial` command, those after torchrun included."""
    direct = [*commands(page, "netspatial"), *commands(page, "netspatial", "console")]
    wrapped = commands(page, "torchrun", "console")
    return direct + [one[one.index("netspatial") + 1 :] for one in wrapped]


def run_netspatial(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return run_python("from netspatial.cli import main; main()", folder, *arguments)


def run_python(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a folder."""
    return subprocess.run(  # noqa: S603 our own examples
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def options() -> dict[str, set[str]]:
    """Options of each command by its full name, such as 'city build'."""
    found: dict[str, set[str]] = {}

    def walk(command: object, name: str) -> None:
        for child_name, child in getattr(command, "commands", {}).items():
            walk(child, f"{name} {child_name}".strip())
        if name:
            params = getattr(command, "params", [])
            found[name] = {"--help"} | {option for param in params for option in param.opts}

    walk(get_command(app), "")
    return found
