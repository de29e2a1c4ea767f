"""What the bench found: counts for JSON, and every failing case with how to see it again."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Failure:
    """A case that went wrong: its name, what was done, what was wrong, and the command."""

    name: str
    what: str
    fault: str
    detail: str
    command: str


@dataclass
class BadInputs:
    """Bad inputs and what they brought to light."""

    tried: int = 0
    tracebacks: int = 0
    hangs: int = 0
    wrong_success: int = 0
    left_behind: int = 0


@dataclass
class Kills:
    """Commands that were killed and started again; how many came to the same bytes."""

    tried: int = 0
    identical: int = 0
    left_behind: int = 0


@dataclass
class Uploads:
    """Hostile uploads: how many were refused, how many brought a process down, peak memory."""

    tried: int = 0
    refused: int = 0
    crashes: int = 0
    peak_mb: float = 0.0


@dataclass
class Soak:
    """Growth of memory over many generations in one process, MB."""

    rss_growth_mb: float = 0.0


@dataclass
class RobustnessReport:
    """All parts of the bench."""

    bad_inputs: BadInputs = field(default_factory=BadInputs)
    kills: Kills = field(default_factory=Kills)
    uploads: Uploads = field(default_factory=Uploads)
    soak: Soak = field(default_factory=Soak)
    failures: list[Failure] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)
