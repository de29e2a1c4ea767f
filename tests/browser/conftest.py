"""A real Chromium in front of the real app, started the way a user starts it."""

import math
import os
import re
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

import numpy as np
import pydeck as pdk
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as LateError
from rasterio.io import MemoryFile

from netspatial.city import City
from netspatial.runs import queue
from tests.ui.plan_runs import write_made_up_run

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 240_000
"""How long to wait for something to appear on a busy machine; nothing is asserted about speed."""
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
    """A page, and what it asked for and complained about since it was opened."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        why = "neither chromium nor google-chrome is on the PATH"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
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
    """The runs folder of the app, with an example; workers that it started end with the tests."""
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
    command = [sys.executable, "-m", "netspatial.ui.start", "--port", str(port)]
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


def the_map(page: Page) -> Locator:
    canvas = page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first
    expect(canvas).to_be_visible(timeout=PATIENCE_MS)
    return canvas


def place_on(canvas: Locator, view: pdk.ViewState, lon: float, lat: float) -> tuple[float, float]:
    """Where on the canvas a flat view puts a place, in pixels from its upper left corner."""
    world = 512 * 2**view.zoom / (2 * math.pi)
    north = math.asinh(math.tan(math.radians(lat))) - math.asinh(
        math.tan(math.radians(view.latitude))
    )
    box = canvas.bounding_box()
    assert box is not None
    return (
        box["width"] / 2 + world * math.radians(lon - view.longitude),
        box["height"] / 2 - world * north,
    )


def point_at(page: Page, canvas: Locator, place: tuple[float, float], says: str) -> None:
    """Rest the pointer on a place until its tooltip says what is there."""
    tooltip = page.locator(".deck-tooltip")
    for nudge in range(120):
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + place[0] + nudge % 2, box["y"] + place[1])
        page.wait_for_timeout(500)
        if tooltip.is_visible() and says in tooltip.inner_text():
            return
    pytest.fail(f"No tooltip with '{says}' appeared at {place}.")


def click_on(
    page: Page, canvas: Locator, place: tuple[float, float], says: str, leads_to: str
) -> None:
    """Click what says a thing until the address holds another: a busy page may miss a click."""
    for _ in range(20):
        point_at(page, canvas, place, says)
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + place[0], box["y"] + place[1])
        try:
            page.wait_for_url(re.compile(re.escape(leads_to)), timeout=15_000)
        except LateError:
            continue
        return
    pytest.fail(f"No click on '{says}' led to '{leads_to}'.")


def picture(canvas: Locator) -> np.ndarray:
    with MemoryFile(canvas.screenshot(timeout=PATIENCE_MS)) as file, file.open() as shown:
        return shown.read([1, 2, 3])


def picture_once_drawn(page: Page, canvas: Locator) -> np.ndarray:
    """A picture of the map once it shows more than its empty ground."""
    for _ in range(120):
        pixels = picture(canvas)
        if pixels.std() > 15:
            return pixels
        page.wait_for_timeout(500)
    pytest.fail("The map stayed empty.")


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            pytest.fail(f"The app did not start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"The app never became healthy:\n{log.read_text()}")
