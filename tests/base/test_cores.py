"""Cores that a process may use, by affinity, quota and batch system."""

import os
import subprocess
import sys

import pytest

from izhi_numba.base import cores
from tests import inside


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine of 16 cores; files are added to it by their path."""
    for name in ("NUMBA_NUM_THREADS", "SLURM_CPUS_PER_TASK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    monkeypatch.setattr(cores, "ROOT", tmp_path)

    def add(**files):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        inside.forget_quota()

    return add


def test_all_that_the_process_is_bound_to(machine, monkeypatch):
    assert cores.usable_cores() == 16
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    assert cores.usable_cores() == 2


@pytest.mark.parametrize(("quota", "wanted"), [("250000 100000", 2), ("50000 100000", 1), ("max 100000", 16)])
def test_a_quota_of_a_container(machine, quota, wanted):
    machine(**{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": quota})
    assert cores.usable_cores() == wanted


def test_a_quota_of_a_group_around(machine):
    machine(
        **{
            "proc/self/cgroup": "0::/slice/job/step\n",
            "sys/fs/cgroup/slice/job/step/cpu.max": "max 100000",
            "sys/fs/cgroup/slice/job/cpu.max": "400000 100000",
            "sys/fs/cgroup/slice/cpu.max": "800000 100000",
        }
    )
    assert cores.usable_cores() == 4


def test_the_first_version_of_control_groups(machine):
    machine(
        **{
            "proc/self/cgroup": "9:name=systemd:/\n4:cpu,cpuacct:/docker/12\n2:memory:/x\n",
            "sys/fs/cgroup/cpu,cpuacct/docker/12/cpu.cfs_quota_us": "300000\n",
            "sys/fs/cgroup/cpu,cpuacct/docker/12/cpu.cfs_period_us": "100000\n",
        }
    )
    assert cores.usable_cores() == 3
    machine(**{"sys/fs/cgroup/cpu,cpuacct/docker/12/cpu.cfs_quota_us": "-1\n"})
    assert cores.usable_cores() == 16


def test_what_the_batch_system_gives_a_task(machine, monkeypatch):
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "6")
    assert cores.usable_cores() == 6
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "nonsense")
    assert cores.usable_cores() == 16


def test_what_the_user_says_comes_first(machine, monkeypatch):
    machine(**{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000"})
    monkeypatch.setenv("NUMBA_NUM_THREADS", "5")
    assert cores.usable_cores() == 5


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs taskset")
def test_a_process_that_is_bound_to_one_core_takes_one_thread():
    one = min(os.sched_getaffinity(0))
    script = (
        f"import os; os.sched_setaffinity(0, [{one}]); import izhi_numba as iz; print(iz.Pool(10).threads)"
    )
    clean = {name: value for name, value in os.environ.items() if name != "NUMBA_NUM_THREADS"}
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=clean, check=True
    )
    assert found.stdout == "1\n"
