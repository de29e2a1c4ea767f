"""Execute the notebooks of the documentation and store their outputs.

`python docs/notebooks/make.py [NAME ...] [--out FOLDER]`; each runs in an empty folder.
"""

import argparse
import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).parent
NOTEBOOKS = sorted(path.stem for path in HERE.glob("*.ipynb"))


def execute(name: str, folder: Path) -> NotebookNode:
    """Run a notebook in a folder and return it with its outputs; raise where a cell fails."""
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=None, resources=resources, record_timing=False).execute()
    notebook.metadata.language_info = {"name": "python"}  # without the version of this machine
    return notebook


def main() -> None:
    """Execute the named notebooks, or all, and write them back or into another folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NOTEBOOKS)
    parser.add_argument("--out", type=Path, default=HERE)
    asked = parser.parse_args()
    # figures as JSON, without a copy of plotly.js in each
    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
    for name in asked.names:
        with tempfile.TemporaryDirectory(prefix="netspatial-notebook-") as folder:
            notebook = execute(name, Path(folder))
        nbformat.write(notebook, asked.out / f"{name}.ipynb")


if __name__ == "__main__":
    main()
