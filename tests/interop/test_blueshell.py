"""Scripts written for Blue Shell."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from izhi_numba import IzhikevichPool


@pytest.fixture
def shown(monkeypatch):
    figures = []
    monkeypatch.setattr(plt, "show", lambda: figures.append(plt.gcf()))
    yield figures
    plt.close("all")


def test_the_script_of_its_readme(shown):
    p = IzhikevichPool(1000, 0.2, 2, 0.1)
    rng = np.random.default_rng(1)
    for _i in range(300):
        p.clamp_input(np.append(5.0 * rng.standard_normal(800), 2.0 * rng.standard_normal(200)))
        p.update()
    p.plot_spikes()
    (figure,) = shown
    assert figure.axes[0].get_xlabel() == "time (ms)"
    assert (
        sum(len(dots.get_offsets()) for dots in figure.axes[0].collections)
        == (p.voltage_history == 30).sum()
        > 500
    )


def test_attributes():
    p = IzhikevichPool(500, 0.25, 2, 0.1, seed=1)
    for name in ("v", "u", "a", "b", "c", "d", "external_input"):
        assert getattr(p, name).shape == (500,)
    assert p.voltage_history.shape == (500, 1000)
    assert p.history_limit == 1000
    assert (p.d[375:] == 2).all()
    assert (p.c[375:] == -65).all()
    p.external_input = np.ones(500)
    np.testing.assert_array_equal(p.external_input, 1)


def test_weights_are_half_normal_and_inhibition_is_stronger():
    p = IzhikevichPool(1000, 0.2, 3, 0.1, seed=1)
    (exc, inh) = (s.to_arrays()[2] for s in p.synapses)
    assert len(exc) / 800_000 == pytest.approx(0.1, rel=0.02)
    assert len(inh) / 200_000 == pytest.approx(0.1, rel=0.03)
    assert exc.min() >= 0
    assert inh.max() <= 0
    half_normal_mean = np.sqrt(2 / np.pi)
    assert exc.mean() == pytest.approx(half_normal_mean, rel=0.02)
    assert inh.mean() == pytest.approx(-3 * half_normal_mean, rel=0.02)


@pytest.mark.parametrize("fraction", [0, 1])
def test_one_kind_of_neuron(fraction):
    p = IzhikevichPool(100, fraction, 2, 0.1, seed=1)
    p.update()
    assert len(p.groups) == 1


def test_the_history_is_the_last_steps_in_order():
    p = IzhikevichPool(100, 0.2, 2, 0.1, seed=1)
    p.history_limit = 20
    rng = np.random.default_rng(1)
    seen = []
    for k in range(50):
        p.clamp_input(10 * rng.random(100))
        spiked = p.update(record_history=k != 30)
        if k != 30:
            seen.append(p.v.copy())
            seen[-1][spiked] = 30
    np.testing.assert_array_equal(p.voltage_history, np.array(seen[-20:]).T)
