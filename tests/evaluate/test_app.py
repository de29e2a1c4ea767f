import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.evaluate import app
from netspatial.evaluate.app import AppReport, bench_app


def test_the_report_has_the_documented_fields() -> None:
    wanted = {
        "first_result_s",
        "draw_to_rank_cold_s",
        "draw_to_rank_warm_s",
        "rerank_s",
        "cell_click_s",
        "sessions",
        "sessions_correct",
        "rss_growth_mb",
    }
    assert wanted < AppReport(1, 2, 3, 4, 5, 10, 10, 50, 3.5).record().keys()


def test_the_area_of_the_bench_is_the_middle_of_the_city(small_city: City) -> None:
    area = app._middle(small_city)(500.0)
    west, south, east, north = small_city.record.bounds
    assert (area.centroid.x, area.centroid.y) == pytest.approx(
        ((west + east) / 2, (south + north) / 2), abs=1e-5
    )
    assert area.area_km2 == pytest.approx(0.25, rel=0.01)


def test_without_an_app_beside_the_code_the_bench_is_refused(
    small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "APP", tmp_path / "app.py")
    with pytest.raises(BadInput, match=r"app\.py of a checkout"):
        bench_app(small_city.folder, sessions=1, generations=0)


PARENT = (
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], "
    "start_new_session=True); "
    "open(sys.argv[1] + '.new', 'w').write(str(child.pid)); "
    "import os; os.rename(sys.argv[1] + '.new', sys.argv[1]); time.sleep(600)"
)
"""A server that starts a worker in a separate session and writes its process id to a file."""
BENCH = f"""
import sys, time
from pathlib import Path
from netspatial.evaluate.app import signals_end_it, started
with signals_end_it(), started([sys.executable, "-c", {PARENT!r}, sys.argv[1]], Path(), {{}}) as p:
    print(p.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_bench_ended_by_a_signal_leaves_no_processes(
    number: signal.Signals, tmp_path: Path
) -> None:
    pid_file = tmp_path / "worker"
    with subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", BENCH, str(pid_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as bench:
        assert bench.stdout is not None
        server = psutil.Process(int(bench.stdout.readline()))
        while not pid_file.is_file():
            assert server.is_running()
            time.sleep(0.05)
        worker = psutil.Process(int(pid_file.read_text()))
        os.kill(bench.pid, number)
        assert bench.wait(60) != 0
    assert psutil.wait_procs([server, worker], timeout=60)[1] == []
