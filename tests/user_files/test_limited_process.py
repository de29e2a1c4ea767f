"""Whatever happens to a process that reads a file, this one lives and says one sentence."""

import sys
from dataclasses import replace

import pytest

from netspatial.errors import BadInput
from netspatial.user_files import limited_process
from netspatial.user_files.limited_process import call
from netspatial.user_files.limits import UPLOAD

SMALL = replace(UPLOAD, memory_mb=300, cpu_s=20, wall_s=60, open_files=64)
FAULTS = "tests.user_files.faults"


def test_what_a_function_returns_comes_back() -> None:
    assert call(f"{FAULTS}:double", {"number": 2.5}, SMALL, "It") == 5.0


def test_a_sentence_comes_back_as_it_is() -> None:
    with pytest.raises(BadInput, match=r"^There is no file '/none\.json'"):
        call(
            "netspatial.area_files:described_area",
            {"path": "/none.json", "limit_km2": 1, "limits": SMALL.to_json()},
            SMALL,
            "It",
        )


@pytest.mark.skipif(sys.platform != "linux", reason="limits of this system")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("crash", "'x' makes its reader crash (SIGSEGV)"),
        ("take_memory", "'x' needs more memory than 300 MB"),
        ("compute", "'x' takes more than 1 s of computing"),
        ("open_many", "Too many open files"),
    ],
)
def test_a_fault_is_one_sentence(fault: str, words: str) -> None:
    limits = replace(SMALL, cpu_s=1) if fault == "compute" else SMALL
    with pytest.raises(BadInput) as refused:
        call(f"{FAULTS}:{fault}", {}, limits, "'x'")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_waits_without_end_is_ended() -> None:
    with pytest.raises(BadInput, match="was not read within 2 s"):
        call(f"{FAULTS}:wait", {}, replace(SMALL, wall_s=2), "'x'")


def test_a_process_has_the_named_drivers_and_no_other() -> None:
    known = call(
        "tests.user_files.gdal_drivers:known_drivers", {}, UPLOAD, "It", ("GeoJSON", "GTiff")
    )
    assert known == ["GTiff", "GeoJSON"]


def test_a_limited_process_starts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_process, "_inside", True)
    monkeypatch.setattr(limited_process.subprocess, "run", None)
    assert call(f"{FAULTS}:double", {"number": 1}, SMALL, "It") == 2
