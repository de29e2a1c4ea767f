"""Peak memory of this process, on any operating system."""

import sys
from pathlib import Path

import psutil


def peak_mb() -> float:
    """Return the peak memory of this process, MiB.

    Linux and Windows report the process's own peak; elsewhere `getrusage` is used, which starts at
    the peak of the parent process.
    """
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / (1 << 20)
    status = Path("/proc/self/status")
    if status.is_file():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return float(fields["VmHWM"].split()[0]) / 1024
    import resource  # noqa: PLC0415  Unix alone has it

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
