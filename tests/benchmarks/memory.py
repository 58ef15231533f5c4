"""How much memory a process held at most."""

import re
import resource
import sys
from pathlib import Path

MEGABYTE = 1_000_000


def peak_megabytes() -> float:
    """Of this process. Where the system tells it by process: what `getrusage` says begins with that of the parent."""
    if Path("/proc/self/status").exists():
        return peak_megabytes_of("self")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / MEGABYTE


def peak_megabytes_of(process: int | str) -> float:
    """Raises `LookupError` where the system does not tell it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    if found is None:
        raise LookupError(f"nothing is known of process {process}")
    return int(found[1]) * 1024 / MEGABYTE
