"""The file of a benchmark's `--json`, written atomically."""

import json
from pathlib import Path
from typing import Any

from netspatial.disk import atomic_file


def write_json(path: Path | None, record: dict[str, Any]) -> None:
    """Write a benchmark's record to `path`, if one is given."""
    if path is None:
        return
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(record, indent=2) + "\n")
