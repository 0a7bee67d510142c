"""The same bits as when ``golden_bits.json`` was recorded: what a rebuilding must not change.

    python -m tests.equivalence.test_golden_bits

records them anew, tells which have changed, and refuses networks in which a population is silent, or a
projection does nothing. Do so only where a change of results is meant, and say in the commit why; or to add
the bits of another kind of machine, from code whose bits are right on a kind that is recorded.
"""

import contextlib
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding
import numba
import numpy as np
import pytest

import izhi_numba as iz
from tests.equivalence.golden_networks import NETWORKS

GOLDEN = Path(__file__).with_name("golden_bits.json")
# What single precision is compiled to goes by the processor's name, too: with the name "haswell" the bits of
# one network, "receptors", differ from those of a znver3, on the same machine. With avx512f numpy has exponentials
# and logarithms of its own, which some factors and waveforms are computed with.
_FEATURES = ("fma", "avx2", "avx512f")


def machine():
    """What the bits depend on, beside the code."""
    there = llvmlite.binding.get_host_cpu_features()
    name = numba.config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    units = [f"{one}={'yes' if there.get(one) else 'no'}" for one in _FEATURES]
    return " ".join([platform.machine(), name, *units])


def software():
    """What may change bits, too, but need not: told where a test fails."""
    names = ("numba", "llvmlite", "numpy", "scipy")
    return ", ".join(f"{name} {version(name)}" for name in names)


def digest(arrays):
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype.str} {array.shape};".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def digests(name, threads):
    seen = NETWORKS[name](threads)
    assert not seen.silent, f"{name}: no spikes of {', '.join(seen.silent)}"
    return {"activity": digest(seen.activity), "synapses": digest(seen.synapses)}


@pytest.mark.filterwarnings("ignore:pool 'relay':izhi_numba.DoubtfulWarning")
@pytest.mark.usefixtures("all_threads")
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_bits_are_the_recorded_ones(name, threads):
    golden = json.loads(GOLDEN.read_text())
    if machine() not in golden:
        pytest.skip(
            f"no bits were recorded on a machine of this kind, {machine()}; but on {', '.join(golden)}"
        )
    here = golden[machine()]
    if name not in here["networks"]:
        pytest.skip(f"bits of {name} were not recorded on a machine of this kind, {machine()}")
    found, recorded = digests(name, threads), here["networks"][name]
    changed = [part for part in recorded if found[part] != recorded[part]]
    assert not changed, (
        f"{name}, {threads} threads: other bits in {' and '.join(changed)};"
        f" recorded with {here['software']}, this is {software()}"
    )


def test_every_recorded_network_is_there():
    """All on some kind of machine: networks that were added later cannot be recorded on all kinds at once."""
    golden = {kind: set(one["networks"]) for kind, one in json.loads(GOLDEN.read_text()).items()}
    for kind, recorded in golden.items():
        assert recorded <= set(NETWORKS), kind
    assert set(NETWORKS) in golden.values()


@contextlib.contextmanager
def _muted(number):
    """Give one projection, by its place among the calls of ``connect``, a gain of 0; counts the calls."""
    calls, before = [], {kind: kind.connect for kind in (iz.Pool, iz.Network)}

    def muting(connect):
        def connect_and_mute(self, *args, **kwargs):
            synapses = connect(self, *args, **kwargs)
            if len(calls) == number:
                synapses.gain = 0.0
            calls.append(repr(synapses))
            return synapses

        return connect_and_mute

    try:
        for kind, connect in before.items():
            kind.connect = muting(connect)
        yield calls
    finally:
        for kind, connect in before.items():
            kind.connect = connect


def projections_without_effect(name):
    """Projections that no spike reaches: without them, the activity is the same."""
    with _muted(None) as projections:
        usual = digest(NETWORKS[name](1).activity)
    idle = []
    for number, one in enumerate(projections):
        with _muted(number):
            if digest(NETWORKS[name](1).activity) == usual:
                idle.append(one)
    return idle


def record():
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    old = golden.get(machine(), {"networks": {}})["networks"]
    networks = {}
    for name in NETWORKS:
        idle = projections_without_effect(name)
        assert not idle, f"{name}: of no effect: {', '.join(idle)}"
        networks[name] = digests(name, 1)
        before = old.get(name)
        changed = [part for part in networks[name] if before is None or before[part] != networks[name][part]]
        told = "new" if before is None else f"changed: {', '.join(changed)}" if changed else "the same"
        print(f"{name}: {told}", flush=True)  # noqa: T201
    golden[machine()] = {"software": software(), "networks": networks}
    GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    record()
