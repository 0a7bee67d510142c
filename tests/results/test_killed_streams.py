"""Processes that are killed while they record to a file: it opens, and lacks less than the last second."""

import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

import izhi_numba as iz
from tests import inside

# Says when it has begun, and then again and again how far it is, and when that was.
_PROGRAM = """
import sys, time
import izhi_numba as iz
net = iz.Network(seed=3, dt=0.5)
exc, noise = net.pool("exc", {n}, iz.Izhikevich), net.poisson("noise", 100, 20.0)
exc.drive(exc, iz.noise(5.0, start=3.0))
synapses = net.connect(exc, exc, rule=iz.fixed_outdegree(20), weight=0.1, delay=3.0)
synapses.record(every=20.0, pre=slice(0, 9))
net.record("v", "exc[:3]", every=10.0)
net.record("counts", "noise", every=50.0, to=sys.argv[1])
net.prepare()
def tell(progress):
    print(time.monotonic(), net.t, flush=True)
net.run(1e7, progress=tell, every={every})
"""
CASES = {
    "one run": "None",
    "with a function": "{5.0: lambda net: None}",
    "with a slow function": "{1000.0: lambda net: time.sleep(0.5)}",
    "with a function of results": "{20.0: lambda net, last: last.counts.sum()}",
}


def _killed(path, every, after, n=2000):
    """Start a process and kill it; returns when, and what it has told: when, and how far it was, ms."""
    program = _PROGRAM.format(n=n, every=every)
    child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    told = [child.stdout.readline()]  # it has begun
    time.sleep(after)
    moment = time.monotonic()
    child.send_signal(signal.SIGKILL)
    told += child.communicate()[0].splitlines()
    pairs = [line.split() for line in told]
    return moment, [(float(pair[0]), float(pair[1])) for pair in pairs if len(pair) == 2]


def _check(path, moment, told):
    """The file opens in any program, and holds all but what came in the last second; returns what it lacks, s."""
    with h5py.File(path) as file:
        times = file["spikes/exc/timestamps"][:]
        assert (np.diff(times) >= 0).all()
        assert len(file["spikes/exc/node_ids"]) >= len(times[times <= iz.open_results(path).stop])
    result = iz.open_results(path)
    if result.stop == 0:  # it was killed before it wrote for the first time
        return moment - told[0][0]
    lacking = [moment - when for when, t in told if t > result.stop]
    spikes = result["exc"].spikes
    assert spikes.t[-1] <= result.stop
    assert result["exc"].traces["v"].shape == (result.stop // 10, 3)
    assert np.isfinite(np.asarray(result["exc"].traces["v"])).all()
    assert result["noise"].counts.sum() > 0
    weights = result.weights["exc -> exc"]
    assert weights.t.tolist() == [*range(20, int(result.stop) + 1, 20)]
    assert weights.values.shape == (len(weights.t), 180)
    assert (np.asarray(weights.values) == np.float32(0.1)).all()
    return max(lacking, default=0.0)


def _kill(tmp_path, every, after):
    path = tmp_path / "run.h5"
    moment, told = _killed(path, every, after)
    lacking = _check(path, moment, told)
    path.unlink()
    return lacking


@pytest.mark.parametrize("case", ["one run", "with a function of results"])
def test_a_killed_process_leaves_a_file(tmp_path, case):
    path = tmp_path / "run.h5"
    moment, told = _killed(path, CASES[case], 0.8)
    assert _check(path, moment, told) < 2.0  # a second, on a machine that has other work too


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_hundred_killed_processes(tmp_path, case):
    rng = np.random.default_rng(list(CASES).index(case))
    lacking = [_kill(tmp_path, CASES[case], float(rng.uniform(0.0, 2.5))) for _ in range(25)]
    assert max(lacking) < 1.0, f"in the mean {np.mean(lacking):.2f} s"


def test_what_a_killed_process_has_left_is_what_the_same_run_records(tmp_path):
    path = tmp_path / "run.h5"
    _killed(path, "None", 0.5, n=300)
    left = iz.open_results(path)
    net = iz.Network(seed=3, dt=0.5)
    exc, _ = net.pool("exc", 300, iz.Izhikevich), net.poisson("noise", 100, 20.0)
    exc.drive(exc, iz.noise(5.0, start=3.0))
    net.connect(exc, exc, rule=iz.fixed_outdegree(20), weight=0.1, delay=3.0)
    length = min(left.stop, 2000.0)
    spikes = net.run(length)["exc"].spikes
    found = inside.between(left["exc"], 0, round(length / 0.5))
    np.testing.assert_array_equal(found.i, spikes.i)
    np.testing.assert_array_equal(found.t, spikes.t)
