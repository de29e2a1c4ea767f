"""Settings of a server: host names, queue length, limits of a job.

Read from `netspatial.toml` in the working folder, or from the file in NETSPATIAL_SETTINGS;
environment variables NETSPATIAL_<NAME> take precedence. The defaults suit a single user.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

import psutil
import pydantic
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from netspatial.errors import BadInput, reason

FILE = "netspatial.toml"
FILE_VARIABLE = "NETSPATIAL_SETTINGS"
PREFIX = "NETSPATIAL_"
MEMORY_SHARE = 0.8
"""Default share of the machine's memory that a job may take."""


def _machine_mb() -> int:
    return int(MEMORY_SHARE * psutil.virtual_memory().total / (1 << 20))


class ServerSettings(BaseSettings):
    """Settings of the operator of a server.

    hosts        : host names of the app besides this machine's own (localhost, 127.0.0.1, ::1);
                   comma-separated in the environment variable
    behind_proxy : whether a reverse proxy controls access; without it and without sign-in the app
                   accepts connections from this machine only
    queue_length : maximum number of waiting and running runs
    person_share : maximum number of these per signed-in person
    job_memory_mb, job_disk_mb, job_minutes : limits on the estimated needs of a job of the app;
                   the default memory is 80 % of the machine's
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    behind_proxy: bool = False
    queue_length: int = pydantic.Field(default=40, ge=1)
    person_share: int = pydantic.Field(default=10, ge=1)
    job_memory_mb: int = pydantic.Field(default_factory=_machine_mb, ge=1)
    job_disk_mb: int = pydantic.Field(default=20_000, ge=1)
    job_minutes: float = pydantic.Field(default=240, gt=0)

    @pydantic.field_validator("hosts", mode="before")
    @classmethod
    def _separated(cls, hosts: Any) -> Any:
        if not isinstance(hosts, str):
            return hosts
        return [one.strip() for one in hosts.split(",") if one.strip()]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Give the environment precedence over the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, _in_file())


def server_settings() -> ServerSettings:
    """Return the settings of this server; raise BadInput for a wrong value."""
    try:
        return ServerSettings()
    except pydantic.ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(map(str, problem["loc"]))
        raise BadInput(
            f"The server's setting '{name}' ({FILE} or {PREFIX}{name.upper()}): {problem['msg']}."
        ) from error


def _in_file() -> dict[str, Any]:
    named = os.environ.get(FILE_VARIABLE)
    path = Path(named or FILE)
    if not named and not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"The settings in '{path}' cannot be read: {reason(error)}.") from error
