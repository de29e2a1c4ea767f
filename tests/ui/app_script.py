"""The app as AppTest runs it: from a folder without `pages/`, which AppTest takes for its own."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[2] / "app.py"))
