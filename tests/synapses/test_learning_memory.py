"""Memory of synapses that learn is told before it is taken, and is no more than was told."""

import subprocess
import sys
import textwrap
import tracemalloc
from types import SimpleNamespace

import psutil
import pytest

import izhi_numba as iz


class WithVariables(iz.Plasticity):
    """A rule with three variables, and two traces of each side."""

    x, slow = iz.SourceTrace("tau"), iz.SourceTrace("tau_slow")
    y, slower = iz.TargetTrace("tau"), iz.TargetTrace("tau_slow")
    c, d, e = iz.State(0.1), iz.State(0.2), iz.State(0.3)
    tau, tau_slow = iz.Parameter(10.0), iz.Parameter(5000.0)

    def on_pre(w, c, y):
        return {"w": w - 0.01 * y, "c": c + 1}


class WithoutTraces(iz.Plasticity):
    """A rule without any trace."""

    def on_pre(w):
        return w * 0.999


RULES = {
    "pair": iz.PairSTDP(), "triplet": iz.TripletSTDP(), "short term": iz.TsodyksMarkram(),
    "variables": WithVariables(), "no traces": WithoutTraces(),
}  # fmt: skip
SIZES = {  # neurons, synapses of each, delays
    "few": (300, 3, iz.integers(1, 20)),
    "one delay": (500, 40, 2.0),
    "many": (2000, 200, iz.integers(0, 20)),
    "long": (200, 20, iz.uniform(1.0, 900.0)),
}


def network(n, dtype="float32", threads=2):
    net = iz.Network(dt=1.0, seed=1, dtype=dtype, threads=threads)
    net.pool("cells", n)
    return net


def asked(k, delay, rule, delay_at):
    return {
        "rule": iz.fixed_outdegree(k), "weight": iz.uniform(0, 1), "delay": delay, "plasticity": rule,
        "delay_at": delay_at,
    }  # fmt: skip


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES)
def test_no_more_is_held_than_was_estimated(rule, size, dtype, delay_at):
    n, k, delay = SIZES[size]
    net = network(n, dtype)
    net.step(1)  # after which it keeps how it began
    given = asked(k, delay, RULES[rule], delay_at)
    before, estimate = net.nbytes, net.memory_estimate("cells", "cells", **given)
    synapses = net.connect("cells", "cells", **given)
    told, of_synapses = net.nbytes - before, synapses.nbytes
    assert of_synapses < told <= estimate
    net.prepare()
    held = net.nbytes - before
    assert held <= estimate
    assert abs(held - told) < 0.02 * told + 2000  # which rows are visited when
    assert 0.98 * of_synapses - 100 < synapses.nbytes <= of_synapses
    net.step(1)
    assert net.nbytes - before == held


def test_bytes_of_a_synapse():
    """At most 12 where a rule has no variables of its own, in single precision."""
    for k, most in ((100, 11.2), (1000, 7.7)):  # in two blocks
        net = network(10_000)
        given = asked(k, iz.integers(1, 20), iz.PairSTDP(), "dendrite")
        assert 7 < net.memory_estimate("cells", "cells", **given) / (10_000 * k) < most
        more = asked(k, iz.integers(1, 20), WithVariables(), "dendrite")
        assert 18.9 < net.memory_estimate("cells", "cells", **more) / (10_000 * k) < most + 14


def test_a_log_is_counted_once():
    """Projections that learn by the same traces have it in common; one that is made later has its own."""
    net = network(2000)
    given = asked(1, 2.0, iz.PairSTDP(), "dendrite")
    first = net.memory_estimate("cells", "cells", **given)
    net.connect("cells", "cells", **given)
    second = net.memory_estimate("cells", "cells", **given)
    assert second < 0.5 * first
    assert (
        net.memory_estimate("cells", "cells", **given | {"plasticity": iz.PairSTDP(tau_minus=9.0)})
        > 2 * second
    )
    net.prepare()
    assert second - 1000 < net.memory_estimate("cells", "cells", **given) <= second
    net.step(1)
    assert net.memory_estimate("cells", "cells", **given) > 2 * second
    before = net.nbytes
    net.connect("cells", "cells", **given)
    net.prepare()
    assert net.nbytes > before + second
    net.reset()  # then both begin together
    assert net.nbytes < before + second


def test_bursts_take_more():
    net = network(100, threads=1)
    net["cells"].drive(net["cells"], 200.0)
    net.connect("cells", "cells", **asked(10, 1.0, iz.PairSTDP(), "dendrite"))
    net.prepare()
    before = net.nbytes
    net.run(500.0)
    assert before + 20 * 500 < net.nbytes < before + 20 * 100_000


def test_removed_synapses_give_their_memory_back():
    net = network(2000)
    before = net.nbytes
    synapses = net.connect("cells", "cells", **asked(50, 3.0, WithVariables(), "dendrite"))
    net.step(2)
    held = synapses.nbytes
    taken = net.nbytes - before
    assert taken > held > 18 * len(synapses)
    synapses.remove()
    assert net.nbytes - before < taken - held


@pytest.fixture
def free(monkeypatch):
    """Set the bytes that are free."""
    return lambda size: monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=size))


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
@pytest.mark.parametrize("rule", RULES)
def test_what_does_not_fit_is_refused_before_anything_is_taken(free, rule, delay_at):
    net = network(1000)
    given = asked(100, iz.integers(1, 20), RULES[rule], delay_at)
    static = {name: given[name] for name in ("rule", "weight", "delay")}
    estimate, without = (net.memory_estimate("cells", "cells", **one) for one in (given, static))
    assert estimate > without
    free(estimate - 1)
    tracemalloc.start()
    try:
        with pytest.raises(
            MemoryError, match=r"fixed_outdegree.* would take .*B, but .* are free: connect fewer"
        ):
            net.connect("cells", "cells", **given)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
    assert not net.synapses
    free(estimate)
    net.connect("cells", "cells", **given)


MEASURING = """
    import gc
    import psutil
    import izhi_numba as iz

    def network(n, k):
        net = iz.Network(dt=1.0, seed=1, threads=2)
        cells = net.pool("cells", n)
        cells.drive(cells, iz.noise(6.0))
        net.step(2)
        return net, {"rule": iz.fixed_outdegree(k), "weight": iz.uniform(0, 1), "delay": iz.integers(1, 20),
                     "plasticity": iz.PairSTDP()}

    def resident():
        gc.collect()
        return psutil.Process().memory_info().rss

    net, given = network(100, 5)
    net.connect("cells", "cells", **given)
    net.step(2)
    net, given = network(4000, 1000)
    before, told, estimate = resident(), net.nbytes, net.memory_estimate("cells", "cells", **given)
    synapses = net.connect("cells", "cells", **given)
    synapses.gain = 0.0
    net.step(60)
    print(estimate, net.nbytes - told, resident() - before)
"""


def test_what_is_resident_is_what_is_told():
    """Pages of logs, sums and histories that no spike has reached are not resident."""
    text = textwrap.dedent(MEASURING)
    found = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True).stdout
    estimate, told, resident = map(int, found.split())
    assert told <= estimate
    assert 0.85 * told < resident < 1.1 * told + 2_000_000
