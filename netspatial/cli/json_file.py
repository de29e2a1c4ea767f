"""The file behind a bench's `--json`: written whole or not at all."""

import json
from pathlib import Path
from typing import Any

from netspatial.disk import atomic_file


def write_json(path: Path | None, record: dict[str, Any]) -> None:
    """Write a bench's record to `path`; without one there is nothing to write."""
    if path is None:
        return
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(record, indent=2) + "\n")
