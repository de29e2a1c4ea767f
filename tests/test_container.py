"""Dockerfile and compose.yaml agree with each other and with the app; nothing is built here."""

import json
import re
from pathlib import Path

import pytest
import yaml

from netspatial.runs.jobs.server_settings import PREFIX, ServerSettings
from netspatial.ui.components.library import CITIES_VARIABLE

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
APP = COMPOSE["services"]["app"]


def instructions(name: str, stage: str = DOCKERFILE) -> list[str]:
    """Arguments of an instruction, continued lines joined."""
    joined = stage.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.+)$", joined, re.MULTILINE)


FINAL = DOCKERFILE[DOCKERFILE.rindex("\nFROM") :]
ENVIRONMENT = dict(pair.split("=", 1) for pair in instructions("ENV", FINAL)[0].split())


def test_the_base_is_the_official_image_of_a_supported_python() -> None:
    assert {line.split()[0] for line in instructions("FROM")} == {"python:3.11-slim"}


def test_all_copied_paths_of_the_checkout_exist() -> None:
    copied = [line.split()[:-1] for line in instructions("COPY") if not line.startswith("--from")]
    assert all((ROOT / path).exists() for paths in copied for path in paths)


def test_the_app_does_not_run_as_root() -> None:
    (user,) = instructions("USER", FINAL)
    assert user == "netspatial"
    assert re.search(rf"useradd .*--uid [1-9]\d+ {user}\b", FINAL)
    assert APP["cap_drop"] == ["ALL"]


def test_cities_runs_cache_and_logs_are_on_the_volume_that_the_user_owns() -> None:
    (volume,) = instructions("VOLUME", FINAL)
    assert volume in re.findall(r"--owner netspatial --group netspatial (\S+)", FINAL)
    kept = (CITIES_VARIABLE, "NETSPATIAL_RUNS", "NETSPATIAL_CACHE", "NETSPATIAL_LOGS")
    assert all(ENVIRONMENT[name].startswith(f"{volume}/") for name in kept)
    (mounted,) = APP["volumes"]
    name, _, place = mounted.partition(":")
    assert place == volume
    assert name in COMPOSE["volumes"]


def test_one_port_is_exposed_served_probed_and_published_on_this_machine_only() -> None:
    (port,) = instructions("EXPOSE", FINAL)
    (command,) = instructions("CMD", FINAL[FINAL.rindex("\nCMD") :])
    assert f"--port {port}" in json.loads(command)[-1]
    (probe,) = instructions("HEALTHCHECK", FINAL)
    assert f"127.0.0.1:{port}/_stcore/health" in probe
    assert APP["ports"] == [f"127.0.0.1:{port}:{port}"]


@pytest.mark.parametrize("name", APP["environment"])
def test_the_settings_are_those_of_the_server(name: str) -> None:
    assert name.removeprefix(PREFIX).lower() in ServerSettings.model_fields


def test_secrets_and_data_stay_out_of_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".streamlit/secrets.toml", "netspatial.toml", "cities", "runs"} <= set(left_out)
