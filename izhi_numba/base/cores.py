"""The processor cores that this process may use: of the machine, a container, or a batch system."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")


def usable_cores() -> int:
    """How many threads can run at once.

    What ``NUMBA_NUM_THREADS`` says, where it is set. Else the least of the cores that the process is bound to
    (``taskset``, cpusets), of the processor time that its container is given (quotas of control groups), and
    of what SLURM gives each task (``--cpus-per-task``). A quota of 2.5 cores is two: a third thread would be
    halted by the system for most of the time, and the others wait for it.
    """
    told = _number(os.environ.get("NUMBA_NUM_THREADS"))
    if told >= 1:
        return int(told)
    bound = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    limits = [len(bound), _quota_of_groups(ROOT), _number(os.environ.get("SLURM_CPUS_PER_TASK"))]
    return max(1, int(min(limit for limit in limits if limit > 0)))


@functools.cache
def _quota_of_groups(root: Path) -> float:
    """Cores' worth of time that this process's control groups allow; 0: any. To read it takes 1 ms."""
    return min(_quotas(root), default=0.0)


def _number(text: str | None) -> float:
    """A number, or 0 where there is none."""
    with contextlib.suppress(TypeError, ValueError):
        return float(text)  # type: ignore[arg-type]
    return 0.0


def _quotas(root: Path) -> Iterator[float]:
    """Cores' worth of time that each control group allows that the process is in."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        for mounted in ("", "cpu", "cpu,cpuacct"):
            base = root / "sys/fs/cgroup" / mounted
            # In a container the path may be the one outside: what is mounted is the container's own.
            group = base / path.lstrip("/")
            for folder in (group, *(one for one in group.parents if one.is_relative_to(base))):
                yield from _quota(folder)


def _quota(folder: Path) -> Iterator[float]:
    """The quota of one control group, of version 2 or 1."""
    quota, _, period = _read(folder / "cpu.max").strip().partition(" ")
    if not period:
        quota, period = (_read(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    if _number(quota) > 0 and _number(period) > 0:
        yield max(1.0, _number(quota) / _number(period))


def _read(file: Path) -> str:
    """The text of a small file; empty where it cannot be read."""
    with contextlib.suppress(OSError):
        return file.read_text()
    return ""
