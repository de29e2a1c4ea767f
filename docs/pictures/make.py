"""Take the pictures of the app for the documentation: `python docs/pictures/make.py`.

A real Chromium visits a real server on this machine, which shows a demo city, two plans and a
schedule. What is missing of these is made first, which takes some minutes.
"""

import argparse
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageStat

from netspatial.evaluate.app import PATIENCE_MS, app_server, open_browser, signals_end_it

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PICTURES = {
    "plan-page": "/",
    "plan-report": "example-demo/report.html",
    "operate-page": "/operate?run=schedule-demo",
    "compare-page": "/compare?a=example-demo&b=plan-coverage",
    "cities-page": "/cities",
    "city-page": "/city",
}
"""Name of each picture, and the page of the app, or the file of a run, that it shows."""
HEIGHT_PX = 900
STILL_MS = 8000
"""A page is complete when its maps are drawn and it has not changed for this time."""
MAX_BYTES = 250_000
CENTRE = "--around=-1.087,57.7007"
PLAN = ("plan", "cities/demo", CENTRE, "--side-m", "3000", "--samples", "8")
MADE = {
    "cities/demo/city.json": ("simulate", "--seed", "7", "--out", "cities/demo"),
    "runs/example-demo/report.html": (*PLAN, "--out", "runs/example-demo"),
    "runs/plan-coverage/report.html": (
        *PLAN,
        *("--utility", "coverage_gain", "--out", "runs/plan-coverage"),
    ),
    "district.geojson": ("area", CENTRE, "--side-m", "5000", "--out", "district.geojson"),
    "runs/schedule-demo/summary.json": (
        *("operate", "cities/demo", "--stations", "district.geojson", "--mode", "backtest"),
        *("--hours", "48", "--samples", "8", "--out", "runs/schedule-demo"),
    ),
}
"""File in the work folder whose absence calls for a command, and the command's arguments."""


def make_missing(work: Path) -> None:
    """Make the demo city, the plans and the schedule that the work folder lacks."""
    work.mkdir(parents=True, exist_ok=True)
    for file, arguments in MADE.items():
        if not (work / file).is_file():
            print(f"Making {file} ...", flush=True)  # noqa: T201  a script
            command = [sys.executable, "-m", "netspatial", *arguments]
            subprocess.run(command, cwd=work, stdout=subprocess.DEVNULL, check=True)  # noqa: S603


def complete_picture(page: Any, address: str) -> bytes:
    """Return the screenshot (PNG) of a page as soon as it is drawn and does not change."""
    page.goto(address)
    if address.startswith("http"):
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.get_by_test_id("stHeading").first.wait_for()
    before, now = b"", page.screenshot()
    while now != before or not maps_are_drawn(page):
        page.wait_for_timeout(STILL_MS)
        before, now = now, page.screenshot()
    return bytes(now)


def maps_are_drawn(page: Any) -> bool:
    """Return whether no map on a page is one flat colour."""
    shown = [one.screenshot() for one in page.get_by_test_id("stDeckGlJsonChart").all()]
    return all(
        min(ImageStat.Stat(Image.open(io.BytesIO(png)).convert("L")).stddev) > 5 for png in shown
    )


def as_jpeg(png: bytes) -> bytes:
    """Return a picture as JPEG of at most `MAX_BYTES`, in the best quality that fits."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(90, 30, -5):
        packed = io.BytesIO()
        picture.save(packed, "JPEG", quality=quality, optimize=True)
        if packed.tell() <= MAX_BYTES:
            return packed.getvalue()
    raise ValueError(f"A picture of {picture.size} pixels does not fit into {MAX_BYTES} bytes.")


def take(names: list[str], work: Path, out: Path, scheme: str, width_px: int) -> None:
    """Write pictures into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    runs = (work / "runs").resolve()
    with app_server((work / "cities").resolve(), runs) as (app, _), open_browser() as browser:
        context = browser.new_context(
            viewport={"width": width_px, "height": HEIGHT_PX}, color_scheme=scheme
        )
        context.set_default_timeout(PATIENCE_MS)
        for name in names:
            shown = PICTURES[name]
            address = f"{app}{shown}" if shown.startswith("/") else (runs / shown).as_uri()
            page = context.new_page()
            (out / f"{name}.jpg").write_bytes(as_jpeg(complete_picture(page, address)))
            page.close()
            print(f"Took {name}.jpg", flush=True)  # noqa: T201  a script


def main() -> None:
    """Read the options, make what is missing, take the pictures."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("names", nargs="*", help="pictures to take; all by default")
    reader.add_argument(
        "--work", type=Path, default=ROOT / ".cache/pictures", help="folder of demo city and runs"
    )
    reader.add_argument("--out", type=Path, default=HERE, help="folder of the pictures")
    reader.add_argument("--scheme", choices=("light", "dark"), default="light")
    reader.add_argument("--width", type=int, default=1280, help="width of the pages, pixels")
    options = reader.parse_args()
    names = options.names or list(PICTURES)
    make_missing(options.work)
    with signals_end_it():
        take(names, options.work, options.out, options.scheme, options.width)


if __name__ == "__main__":
    main()
