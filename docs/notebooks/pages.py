"""Pages of the site from the stored notebooks: code, tables, maps and figures as Markdown.

Figures are drawn by plotly.js of the installed package: nothing is fetched from another server.
"""

import json
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from plotly.offline import get_plotlyjs

HERE = Path(__file__).parent
PLOTLY = "application/vnd.plotly.v1+json"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, and the script that draws their figures."""
    for path in sorted(HERE.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        name = f"notebooks/{path.stem}.md"
        files.append(File.generated(config, name, content=page(notebook, path.name)))
    script = File.generated(config, "notebooks/plotly.min.js", content=get_plotlyjs())
    files.append(script)
    return files


def page(notebook: dict[str, Any], name: str) -> str:
    """Return a notebook as Markdown."""
    parts = []
    for number, cell in enumerate(notebook["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [output(one, f"figure-{number}") for one in cell["outputs"]]
    if any(PLOTLY in part for part in map(str, notebook["cells"])):
        parts.insert(1, '<script src="../plotly.min.js"></script>')
    parts.append(f"*The notebook is `docs/notebooks/{name}`.*")
    return "\n\n".join(parts) + "\n"


def output(one: dict[str, Any], figure: str) -> str:
    """Return what a cell showed: a figure, HTML, or text."""
    if one["output_type"] == "stream":
        return f"<pre>{escape(''.join(one['text']).rstrip())}</pre>"
    data = one["data"]
    if PLOTLY in data:
        drawn = json.dumps([data[PLOTLY]["data"], data[PLOTLY]["layout"]]).replace("<", "\\u003c")
        call = f"Plotly.newPlot('{figure}', ...{drawn}, {{responsive: true, displaylogo: false}})"
        return f'<div id="{figure}"></div>\n<script>{call}</script>'
    if "text/html" in data:
        # on one line: a blank line would end the HTML block of Markdown
        return f"<div>{' '.join(''.join(data['text/html']).split())}</div>"
    return f"<pre>{escape(''.join(data['text/plain']))}</pre>"
