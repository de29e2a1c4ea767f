"""A real Chromium and the real app, started as a user starts it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from netspatial.city.city import City
from netspatial.runs.jobs import queue
from tests.browser.visitor import PATIENCE_MS
from tests.ui.plan_runs import write_made_up_run

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@dataclass
class Watched:
    """A page with the hosts it requested and the errors it logged since it was opened."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @property
    def strangers(self) -> set[str]:
        """Hosts other than this machine; inline data has no host."""
        return self.hosts - {"127.0.0.1", ""}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        why = "neither chromium nor google-chrome is on the PATH"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cities(
    tmp_path_factory: pytest.TempPathFactory, write_small_city: Callable[[Path], City]
) -> Path:
    folder = tmp_path_factory.mktemp("browser-cities")
    write_small_city(folder / "tinytown")
    return folder


@pytest.fixture(scope="session")
def runs(cities: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The runs folder of the app, with an example; its workers end with the tests."""
    folder = tmp_path_factory.mktemp("browser-runs")
    write_made_up_run(City.open(cities / "tinytown"), folder / "example-tinytown")
    yield folder
    for worker in queue.workers(folder):
        os.kill(worker, signal.SIGTERM)


@pytest.fixture(scope="session")
def address(cities: Path, runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running app's address; the server ends with the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-m", "netspatial.ui.server.start", "--port", str(port)]
    with (
        log.open("w") as written,
        subprocess.Popen(  # noqa: S603 our own app
            command,
            cwd=ROOT,
            env=os.environ | {"NETSPATIAL_CITIES": str(cities), "NETSPATIAL_RUNS": str(runs)},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def watched(chromium: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    seen = Watched(context.new_page())
    seen.page.on("request", lambda made: seen.hosts.add(urlsplit(made.url).hostname or ""))
    seen.page.on("console", lambda said: said.type == "error" and seen.complaints.append(said.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    failed_before = request.session.testsfailed
    yield seen
    if request.session.testsfailed > failed_before:
        picture = tmp_path / "failure.png"
        seen.page.screenshot(path=picture)
        print(f"What the browser showed: {picture}")  # noqa: T201 pytest shows it with the failure
    context.close()


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(PATIENCE_MS // 200):
        if server.poll() is not None:
            pytest.fail(f"The app did not start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"The app never became healthy:\n{log.read_text()}")
