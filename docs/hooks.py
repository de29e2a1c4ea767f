"""Pages that mkdocs makes while it builds: command reference, model cards, changelog.

They are read from the command line, the bundled weights and CHANGELOG.md, so that no copy is kept.
"""

import re
from pathlib import Path

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from typer.cli import get_docs_for_click
from typer.main import get_command

from netspatial.cli import app

ROOT = Path(__file__).parents[1]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and the logo to the files of the site."""
    made = {"commands.md": commands(), "cards.md": cards(), "changelog.md": changelog()}
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    logo = (ROOT / "assets" / "icon.svg").read_bytes()
    files.append(File.generated(config, "logo.svg", content=logo))
    return files


def commands() -> str:
    """Return the reference of all commands as Markdown, from typer's own introspection."""
    command = get_command(app)
    context = typer.Context(command, info_name="netspatial")
    text = get_docs_for_click(obj=command, ctx=context, name="netspatial", title="Commands")
    # typer cuts each line of these lists at 45 characters; the headings below say the same in full
    text = re.sub(r"\*\*Commands\*\*:\n\n(?:\* .*\n)+\n", "", text)
    return f"{text}\nWithout an installed script, use `python -m netspatial`.\n"


def cards() -> str:
    """Return the model cards of all bundled weights, one after the other."""
    parts = [
        "# Model cards",
        "These cards are stored beside the bundled weights. Each training writes one.",
    ]
    for card in sorted((ROOT / "assets").glob("*/*/card.md")):
        folder = card.parent.relative_to(ROOT).as_posix()
        text = card.read_text(encoding="utf-8")
        lower = [f"#{line}" if line.startswith("#") else line for line in text.splitlines()]
        parts += ["\n".join(lower), f"Stored in `{folder}`."]
    return "\n\n".join(parts) + "\n"


def changelog() -> str:
    """Return the changelog, its links seen from docs/."""
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("](docs/", "](")
