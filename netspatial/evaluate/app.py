"""`netspatial bench app`: response times, concurrent sessions and memory growth of the web app.

A real browser visits a real server. Needs a Chromium and Playwright (`netspatial[dev]`).
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netspatial.area import Area
from netspatial.bundled_weights import app_root
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.progress import Progress, silent

APP = app_root() / "app.py"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE_MS = 600_000
PATIENCE_TO_END_S = 10.0
"""Seconds that terminated processes have to end."""
SMALL_SIDE_M = 1000.0
LARGE_SIDE_M = 3000.0
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@dataclass(frozen=True)
class AppReport:
    """Waiting times in seconds; sessions and those with their own result; memory growth in MB.

    A time that could not be measured, for example the first result without an example, is NaN.
    """

    first_result_s: float
    draw_to_rank_cold_s: float
    draw_to_rank_warm_s: float
    rerank_s: float
    cell_click_s: float
    sessions: int
    sessions_correct: int
    generations: int
    rss_growth_mb: float

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)


def bench_app(
    city: Path,
    example: Path | None = None,
    sessions: int = 10,
    generations: int = 50,
    report: Progress = silent,
) -> AppReport:
    """Visit the app in a browser and measure.

    city    : the only city folder that the app gets
    example : a finished plan of this city, shown first
    """
    middle = _middle(City.open(city))
    with (
        signals_end_it(),
        tempfile.TemporaryDirectory(prefix="netspatial-bench-app-") as work,
    ):
        cities, runs = Path(work) / "cities", Path(work) / "runs"
        cities.mkdir()
        (cities / city.name).symlink_to(city.resolve(), target_is_directory=True)
        runs.mkdir()
        if example is not None:
            shutil.copytree(example, runs / f"example-{city.name}")
        with app_server(cities, runs) as (address, process), open_browser() as browser:
            report("first visit", 0.0)
            first = _first_result(browser, address) if example is not None else float("nan")
            report("first plan", 0.05)
            cold, _ = _generated(browser, address, middle(LARGE_SIDE_M), seed=1)
            report("second plan", 0.15)
            warm, _ = _generated(browser, address, middle(LARGE_SIDE_M), seed=2)
            report("ranking and a cell", 0.2)
            _, last = _generated(browser, address, middle(SMALL_SIDE_M), seed=3)
            rerank, click = _rerank_and_click(browser, address, last)
            report(f"{sessions} sessions", 0.25)
            correct = _concurrent_sessions(browser, address, runs, middle(SMALL_SIDE_M), sessions)
            before = _memory_mb(process.pid)
            for number in range(generations):
                report(f"run {number + 1} of {generations}", 0.4 + 0.6 * number / generations)
                _generated(browser, address, middle(SMALL_SIDE_M), seed=1000 + number)
            growth = _memory_mb(process.pid) - before
    return AppReport(
        first_result_s=first,
        draw_to_rank_cold_s=cold,
        draw_to_rank_warm_s=warm,
        rerank_s=rerank,
        cell_click_s=click,
        sessions=sessions,
        sessions_correct=correct,
        generations=generations,
        rss_growth_mb=growth,
    )


def _middle(city: City) -> Callable[[float], Area]:
    """Return a function from a side length, metres, to a square in the middle of the city."""
    west, south, east, north = city.record.bounds
    return lambda side_m: Area.around((west + east) / 2, (south + north) / 2, side_m)


def _first_result(browser: Any, address: str) -> float:
    with _visit(browser) as page:
        begun = time.perf_counter()
        page.goto(address)
        _wait_for_map(page)
        return time.perf_counter() - begun


def _generated(browser: Any, address: str, area: Area, seed: int) -> tuple[float, str]:
    """Return the seconds from Generate to the ranked map, and the name of the run."""
    with _visit(browser) as page:
        _open_form(page, address, area, seed)
        begun = time.perf_counter()
        name = _press_generate(page)
        _wait_for_map(page)
        return time.perf_counter() - begun, name


def _rerank_and_click(browser: Any, address: str, run: str) -> tuple[float, float]:
    """Return the seconds to rank by another utility, and from a click on a cell to its charts."""
    with _visit(browser) as page:
        page.goto(f"{address}/?run={run}")
        _wait_for_map(page)
        page.wait_for_timeout(3000)
        legend = page.locator(".ns-legend b")
        before = legend.inner_text()
        chooser = page.get_by_test_id("stSelectbox").filter(has_text=re.compile("^Utility"))
        chooser.get_by_role("combobox").click()
        begun = time.perf_counter()
        page.get_by_role("option", name="Mean demand").click()
        while legend.inner_text() == before:
            page.wait_for_timeout(10)
        rerank = time.perf_counter() - begun
        canvas = page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.wait_for_timeout(3000)
        begun = time.perf_counter()
        page.mouse.click(box["x"] + box["width"] / 2 + 35, box["y"] + box["height"] / 2 + 35)
        page.wait_for_url(re.compile("cell="))
        page.locator(".st-key-cell-charts .js-plotly-plot").nth(3).wait_for()
        return rerank, time.perf_counter() - begun


def _concurrent_sessions(browser: Any, address: str, runs: Path, area: Area, sessions: int) -> int:
    """Generate in several sessions at once with different seeds; return how many got their own."""
    contexts = [browser.new_context() for _ in range(sessions)]
    pages = [context.new_page() for context in contexts]
    for number, page in enumerate(pages):
        page.set_default_timeout(PATIENCE_MS)
        _open_form(page, address, area, seed=100 + number)
    names = [_press_generate(page) for page in pages]
    correct = 0
    for number, (page, name) in enumerate(zip(pages, names, strict=True)):
        _wait_for_map(page)
        request = json.loads((runs / name / "manifest.json").read_text())["request"]
        own = request["seed"] == 100 + number and f"run={name}" in page.url
        correct += own and len(set(names)) == sessions
    for context in contexts:
        context.close()
    return correct


def _open_form(page: Any, address: str, area: Area, seed: int) -> None:
    box = ",".join(f"{degree:.6f}" for degree in area.bounds)
    page.goto(f"{address}/?area={box}&samples=8&seed={seed}")
    page.get_by_text("Area", exact=True).first.wait_for()
    button = page.get_by_role("button", name="Generate")
    while not button.is_visible():
        page.get_by_text("Area", exact=True).first.click()
        page.wait_for_timeout(2000)


def _press_generate(page: Any) -> str:
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url(re.compile("run=plan-"))
    found = re.search(r"run=([^&]+)", page.url)
    if found is None:
        raise BadInput(f"The address of the page has no run: {page.url}")
    return found.group(1)


def _wait_for_map(page: Any) -> None:
    ranking, refusal = page.get_by_test_id("stDataFrame"), page.get_by_test_id("stAlert")
    ranking.or_(refusal).first.wait_for()
    if not ranking.is_visible():
        raise BadInput(f"The app shows no ranking: {refusal.first.inner_text()}")
    page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first.wait_for()


@contextmanager
def _visit(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def open_browser() -> Iterator[Any]:
    """Yield the Chromium of this machine, driven by Playwright."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  an extra
    except ImportError as error:
        raise BadInput("The bench needs Playwright; `pip install netspatial[dev]`.") from error
    if found is None:
        raise BadInput(
            "The bench needs a Chromium; neither chromium nor google-chrome is on the PATH."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def app_server(cities: Path, runs: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve the app on a free port of this machine; yield its address and its process."""
    if not APP.is_file():
        raise BadInput("The bench needs the app.py of a checkout; there is none beside the code.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "netspatial.ui.server.start", "--port", str(port)]
    environment = {"NETSPATIAL_CITIES": str(cities), "NETSPATIAL_RUNS": str(runs)}
    with started(command, APP.parent, environment) as process:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(f"{address}/_stcore/health", process)
        yield address, process


@contextmanager
def started(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command in the background; at the end it and its descendants are terminated.

    environment : variables added to that of this process
    """
    import psutil  # noqa: PLC0415  an extra

    process = subprocess.Popen(  # noqa: S603  our own app
        command,
        cwd=folder,
        env=os.environ | dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        whole = _tree(process.pid) if process.poll() is None else []
        for one in reversed(whole):
            with suppress(psutil.NoSuchProcess):
                one.terminate()
        for one in psutil.wait_procs(whole, timeout=PATIENCE_TO_END_S)[1]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()


@contextmanager
def signals_end_it() -> Iterator[None]:
    """Turn signals into SystemExit inside the block, so that everything is cleaned up.

    SIGINT too: a background job may have been started with it ignored.
    """

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_until_healthy(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return as soon as the app of a process answers; raise if the process ends before."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise BadInput("The app did not start; `streamlit run app.py` shows the error.")


def _tree(pid: int) -> list[Any]:
    """Return a process and all its descendants."""
    import psutil  # noqa: PLC0415  an extra

    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _memory_mb(pid: int) -> float:
    return float(sum(process.memory_info().rss for process in _tree(pid))) / 1e6
