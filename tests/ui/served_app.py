"""A real server of the app on this machine, which exits when its test process ends."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from netspatial.evaluate.app import started, wait_until_healthy

ROOT = Path(__file__).parents[2]
SERVE = """
import os, threading, time
from netspatial.ui.server.start import main

def end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)

threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
main()
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served_app(folder: Path, port: int, extra: Mapping[str, str], *words: str) -> Iterator[str]:
    """Serve the app from `folder`, which holds its settings and secrets; yield its address.

    extra : further environment variables; words : further options of the command
    """
    variables = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "NETSPATIAL_CITIES": str(folder / "cities"),
        "NETSPATIAL_RUNS": str(folder / "runs"),
        **extra,
    }
    command = [sys.executable, "-c", SERVE, "--port", str(port), *words]
    with started(command, folder, variables) as process:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
