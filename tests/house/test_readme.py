"""What README says: its snippets run, in order, and print what it says they print."""

import re
from pathlib import Path

import numpy as np
import pytest

import izhi_numba as iz

TEXT = (Path(__file__).parent.parent.parent / "README.md").read_text()
SNIPPETS = re.findall(r"^```python\n(.*?)^```\n(?:\nprints\n\n```\n(.*?)^```\n)?", TEXT, re.M | re.S)
NOT_HERE = ("iz.explore()",)  # needs a notebook


def numbers(text):
    return np.array([float(number) for number in re.findall(r"\d+\.?\d*", text.partition("; RTF")[0])])


def test_snippets(tmp_path, monkeypatch, capsys):
    """One after the other, as a reader would paste them into one session."""
    monkeypatch.chdir(tmp_path)
    namespace = {}
    checked = 0
    for code, printed in SNIPPETS:
        if any(one in code for one in NOT_HERE):
            continue
        exec(compile(code, "README.md", "exec"), namespace)
        told = capsys.readouterr().out
        assert bool(told) == bool(printed)
        if printed:  # single precision may differ in its last bits on another processor, and then more
            assert re.sub(r"[\d.]+", "0", told) == re.sub(r"[\d.]+", "0", printed)
            np.testing.assert_allclose(numbers(told), numbers(printed), rtol=0.1)
            checked += 1
    assert len(SNIPPETS) > 7
    assert checked
    for picture in ("raster.png", "network.png", "run.izhi"):
        assert (tmp_path / picture).stat().st_size > 1000


@pytest.mark.parametrize(("dt", "lift"), [(0.1, 0.15), (0.5, 0.74)])
def test_what_a_weight_without_a_receptor_does(dt, lift):
    net = iz.Network(dt=dt)
    spike = net.spike_list("spike", 1, [0], [1.0])
    neuron = net.pool("neuron", 1, iz.LeakyIntegrateAndFire)
    net.connect(spike, neuron, rule=iz.one_to_one(), weight=300.0)
    neuron.record("v")
    v = net.run(10.0)["neuron"].traces["v"]
    assert round(float(v.max() - v[0, 0]), 2) == lift


def test_poisson_without_a_receptor_never_makes_a_leaky_neuron_spike():
    pool = iz.Pool(100, iz.LeakyIntegrateAndFire, seed=1)
    pool.drive(pool, iz.poisson(1000.0, weight=200.0))
    with pytest.warns(iz.DoubtfulWarning, match="no neuron spiked in 1000 ms, although they are driven"):
        assert pool.run(1000.0).rate() == 0


@pytest.mark.parametrize(("scheme", "error"), [("exponential_euler", 4e-3), ("heun", 3e-4), ("rk4", 2e-8)])
def test_receptors_that_are_not_linear_take_the_scheme_of_the_model(scheme, error):
    class Quick(iz.Receptor):
        g = iz.State(0.0, unit="nS")

        def derivatives(g):
            return -g * (1 + g / 5) / 5

        def current(g, v):
            return -g * v

    pool = iz.Pool(1, iz.LeakyIntegrateAndFire, receptors={"x": Quick}, scheme=scheme, dtype="float64")
    pool.g_x = 5.0
    pool.run(10.0)
    exact = 5 / (2 * np.exp(10 / 5) - 1)
    assert abs(pool.g_x[0] / exact - 1) == pytest.approx(error, rel=0.3)
