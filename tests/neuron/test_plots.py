"""What is drawn, by its contents."""

import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba

import izhi_numba as iz
from izhi_numba.base.plot_style import COLOURS
from izhi_numba.models import (
    AdEx,
    FitzHughNagumo,
    HodgkinHuxley,
    HodgkinHuxley1952,
    Izhikevich,
    LeakyIntegrateAndFire,
    MorrisLecar,
    QuadraticIntegrateAndFire,
)
from izhi_numba.neuron.f_i_curve import FICurve, plot_f_i
from izhi_numba.neuron.plots import plot_neuron, plot_phase_plane
from izhi_numba.neuron.simulate import simulate


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def labelled(ax):
    """Artists of a legend by label."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def points(line):
    return np.array(line.get_data(), float).T


def test_a_neuron_in_four_panels():
    result = simulate(Izhikevich, iz.step(10, start=50), 300, d=4)
    figure = result.plot()
    voltage, other, current, plane = figure.axes
    labels = ["v (mV)", "u (mV/ms)", "I", "u (mV/ms)"]
    assert [ax.get_ylabel() for ax in figure.axes] == labels
    trace, ticks = voltage.lines
    np.testing.assert_array_equal(trace.get_data(), [result.t, result.v])
    np.testing.assert_array_equal(ticks.get_xdata(), result.spike_times)
    assert (ticks.get_ydata() > 1).all()  # above the panel, in its own units
    np.testing.assert_array_equal(other.lines[0].get_ydata(), result.u)
    np.testing.assert_array_equal(current.lines[0].get_ydata(), result.I)
    assert (
        voltage.get_title(loc="left") == f"Izhikevich(d=4): {len(result.spike_times)} spikes,"
        f" {1000 * len(result.spike_times) / 300:.3g} Hz (net2003, 0.1 ms)"
    )
    assert voltage.get_xlim() == other.get_xlim() == current.get_xlim() == (0, 300)
    assert current.get_xlabel() == "time (ms)"
    assert trace.get_color() == labelled(plane)["dv/dt = 0, I = 10"].get_color()
    assert other.lines[0].get_color() == labelled(plane)["du/dt = 0"].get_color() != trace.get_color()


def test_no_spike_and_one():
    assert "0 spikes, 0 Hz" in plot_neuron(simulate(Izhikevich, 0.0, 50)).axes[0].get_title(loc="left")
    assert "1 spike, 20 Hz" in plot_neuron(simulate(Izhikevich, 10.0, 50, d=100)).axes[0].get_title(
        loc="left"
    )


def test_a_neuron_of_one_variable_has_no_panel_of_others():
    figure = plot_neuron(simulate(LeakyIntegrateAndFire, 150.0, 100))
    assert [ax.get_ylabel() for ax in figure.axes] == ["v (mV)", "I (pA)", "dv/dt (mV/ms)"]


@pytest.mark.parametrize(("level", "limits"), [(10.0, (0, 12)), (-5.0, (-6, 0)), (0.0, (-1, 1))])
def test_a_constant_current_is_drawn_beside_zero(level, limits):
    assert plot_neuron(simulate(Izhikevich, level, 20)).axes[2].get_ylim() == limits


def test_gates_share_a_panel():
    result = simulate(HodgkinHuxley1952, 10.0, 50)
    _, gates, _, plane = plot_neuron(result).axes
    assert [line.get_label() for line in gates.lines] == ["m", "h", "n"]
    assert len({line.get_color() for line in gates.lines}) == 3
    np.testing.assert_array_equal(gates.lines[2].get_ydata(), result.n)
    assert gates.get_ylabel() == "others"
    assert plane.get_ylabel() == "dv/dt (mV/ms)"


def test_others_with_a_unit_in_common():
    class Two(iz.Model):
        v, x, y = iz.State(0.0), iz.State(0.0, unit="pA"), iz.State(0.0, unit="pA")

        def derivatives(v, x, y, I):
            return I - v - x - y, v - x, -y

        def threshold(v):
            return v > 100

    assert plot_neuron(simulate(Two, 1.0, 10)).axes[1].get_ylabel() == "(pA)"


def test_fixed_points_and_their_marks():
    ax = plot_phase_plane(Izhikevich, 3.0)
    marks = labelled(ax)
    roots = np.roots([0.04, 4.8, 143.0])
    low, high = sorted(roots)
    np.testing.assert_allclose(points(marks["stable node"]), [[low, 0.2 * low]], atol=1e-8)
    np.testing.assert_allclose(points(marks["saddle"]), [[high, 0.2 * high]], atol=1e-8)
    assert marks["stable node"].get_fillstyle() == "full"
    assert marks["saddle"].get_fillstyle() == "left"
    (hole,) = points(labelled(plot_phase_plane(FitzHughNagumo, 0.5))["unstable focus"])
    assert hole == pytest.approx([-0.8048, -0.1311], abs=1e-4)


def test_marks_by_kind():
    assert labelled(plot_phase_plane(FitzHughNagumo, 0.5))["unstable focus"].get_fillstyle() == "none"
    degenerate = labelled(plot_phase_plane(Izhikevich, 4.0))["degenerate"]
    assert (degenerate.get_marker(), degenerate.get_fillstyle()) == ("D", "none")
    saddles = [
        line for line in plot_phase_plane(HodgkinHuxley, -100.0).lines if line.get_fillstyle() == "left"
    ]
    assert len(saddles) == 2
    assert [line.get_label().startswith("_") for line in saddles] == [False, True]  # one entry in the legend


def test_nullclines_and_arrows_of_the_phase_plane():
    ax = plot_phase_plane(MorrisLecar, 90.0)
    lines = labelled(ax)
    assert list(lines) == ["dv/dt = 0, I = 90", "dw/dt = 0", "stable focus"]
    v, w = points(lines["dw/dt = 0"]).T
    np.testing.assert_allclose(w, (1 + np.tanh((v - 2) / 30)) / 2, atol=1e-9)
    (arrows,) = ax.collections
    np.testing.assert_allclose(np.hypot(arrows.U, arrows.V), 1)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("v (mV)", "w")


def test_the_trajectory_is_cut_at_resets():
    result = simulate(Izhikevich, 10.0, 200)
    ax = plot_phase_plane(result)
    path = points(labelled(ax)["trajectory"])
    cuts = np.flatnonzero(np.isnan(path).any(axis=1))
    assert len(cuts) == len(result.spike_times) > 2
    np.testing.assert_array_equal(path[0], [-65, -13])  # where it starts
    np.testing.assert_array_equal(path[cuts - 1, 0], 30)  # up to the peak, before u jumps
    np.testing.assert_array_equal(path[cuts - 1, 1], path[cuts - 2, 1])
    assert (path[cuts + 1, 0] < -50).all()
    assert len(path) == len(result.t) + 1 + len(cuts)
    low, high = ax.get_xlim()
    assert low < result.v.min()
    assert high < 0  # spikes leave the picture
    bottom, top = ax.get_ylim()
    assert bottom < result.u.min() < result.u.max() < top


def test_spikes_with_interpolated_times_are_cut_in_the_same_steps():
    lines = []
    for spike_times in ("grid", "interpolated"):
        result = simulate(Izhikevich, 10.0, 200, spike_times=spike_times)
        lines.append(points(labelled(plot_phase_plane(result))["trajectory"]))
    np.testing.assert_array_equal(*lines)


def test_a_reset_that_shows_no_peak_is_cut_before_it():
    path = points(labelled(plot_phase_plane(simulate(LeakyIntegrateAndFire, 150.0, 100)))["trajectory"])
    cuts = np.flatnonzero(np.isnan(path).any(axis=1))
    assert (path[cuts - 1, 0] > -50.1).all()
    np.testing.assert_array_equal(path[cuts + 1, 0], -60)


def test_a_trajectory_without_resets_is_whole_and_in_the_picture():
    result = simulate(FitzHughNagumo, 0.5, 200)
    ax = plot_phase_plane(result)
    path = points(labelled(ax)["trajectory"])
    assert np.isfinite(path).all()
    assert ax.get_xlim()[0] < path[:, 0].min() < path[:, 0].max() < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < path[:, 1].min() < path[:, 1].max() < ax.get_ylim()[1]


def test_which_currents_are_analysed():
    stepped = labelled(plot_phase_plane(simulate(Izhikevich, iz.step(10, start=50), 200)))
    assert {"dv/dt = 0, I = 10", "dv/dt = 0, I = 0"} < set(stepped)
    v, u = points(stepped["dv/dt = 0, I = 0"]).T
    np.testing.assert_allclose(0.04 * v**2 + 5 * v + 140, u, atol=1e-9)
    noisy = labelled(plot_phase_plane(simulate(Izhikevich, 10 + iz.noise(1), 200, seed=1)))
    assert sum(label.startswith("dv/dt") for label in noisy) == 1  # its first value does not last
    chosen = labelled(plot_phase_plane(simulate(Izhikevich, 10.0, 50), 4.0))
    assert {"dv/dt = 0, I = 4", "dv/dt = 0, I = 10"} < set(chosen)


def test_one_variable():
    ax = plot_phase_plane(QuadraticIntegrateAndFire, 20.0)
    v, rate = points(labelled(ax)["I = 20"]).T
    np.testing.assert_allclose(rate, (10 * (v + 65) * (v + 50) / 15 + 20) / 100, atol=1e-12)
    low, high = sorted(np.roots([10 / 15, 10 / 15 * 115, 10 / 15 * 3250 + 20]))
    np.testing.assert_allclose(points(labelled(ax)["stable node"]), [[low, 0]], atol=1e-8)
    np.testing.assert_allclose(points(labelled(ax)["unstable node"]), [[high, 0]], atol=1e-8)
    right = np.concatenate([line.get_xdata() for line in ax.lines if line.get_marker() == ">"])
    left = np.concatenate([line.get_xdata() for line in ax.lines if line.get_marker() == "<"])
    assert len(right) > 2
    assert len(left) > 1
    assert ((right < low) | (right > high)).all()
    assert ((left > low) & (left < high)).all()


def test_a_leaky_neuron_is_drawn_up_to_its_threshold():
    line = points(
        labelled(plot_phase_plane(simulate(LeakyIntegrateAndFire, iz.step(150, start=20), 100)))["I = 150"]
    )
    v, rate = line[np.isfinite(line[:, 1])].T
    assert -50.2 < v.max() < -50
    np.testing.assert_allclose(rate, (-10 * (v + 60) + 150) / 200, atol=1e-12)


def test_the_rate_of_the_voltage_along_the_trajectory_is_the_models():
    result = simulate(HodgkinHuxley1952, iz.step(10, start=20), 60, dt=0.01, scheme="rk4")
    ax = plot_phase_plane(result)
    v, rate = points(labelled(ax)["trajectory"]).T
    np.testing.assert_array_equal(v[1:], result.v)
    measured = np.gradient(result.v, 0.01)
    smooth = np.append(np.arange(1, 1995), np.arange(2005, len(v) - 2))  # but for the step of the current
    np.testing.assert_allclose(rate[1:][smooth], measured[smooth], atol=1.0)
    assert ax.get_ylim()[0] < rate.min() < rate.max() < ax.get_ylim()[1]
    (mark,) = points(labelled(ax)["saddle-focus"])
    assert mark == pytest.approx([-59.57, 0], abs=0.01)
    assert "I = 10, m, h, n at rest" in labelled(ax)


def test_into_given_axes_with_a_given_range():
    _, ax = plt.subplots()
    assert plot_phase_plane(AdEx, 300.0, ax=ax, v=(-90, -30), a=2.0) is ax
    assert ax.get_xlim() == (-90, -30)
    assert plot_phase_plane(simulate(AdEx, 300.0, 20), ax=ax, w=(-5, 5)).get_ylim() == (-5, 5)
    assert plot_phase_plane(HodgkinHuxley1952, v=(-70, -50)).get_xlim() == (-70, -50)


@pytest.mark.parametrize(
    ("style", "ground", "ink"), [("default", "white", "black"), ("dark_background", "black", "white")]
)
def test_every_style(style, ground, ink):
    with plt.style.context(style):
        figure = plot_neuron(simulate(Izhikevich, iz.step(3, start=50), 200))
        figure.canvas.draw()
        voltage, *_, plane = figure.axes
        marks = labelled(plane)
        assert to_hex(figure.get_facecolor()) == to_hex(ground)
        for line in (voltage.lines[1], marks["trajectory"], marks["stable node"]):
            assert to_rgba(line.get_color()) == to_rgba(ink)
        assert to_rgba(marks["saddle"].get_markerfacecoloralt()) == to_rgba(ground)
        assert voltage.lines[0].get_color() == COLOURS[0]


def test_f_i_curves_side_by_side():
    current = np.array([3.0, 1.0, 2.0])
    one = FICurve("one", current, np.array([9.0, 0.0, 4.0]), np.array([20.0, 0.0, 8.0]))
    other = FICurve("other", current, 2 * one.rate, 2 * one.first_rate)
    ax = plot_f_i(one)
    assert plot_f_i(other, ax=ax) is ax
    assert list(labelled(ax)) == ["first interval", "one", "other"]
    np.testing.assert_array_equal(labelled(ax)["one"].get_data(), [[1, 2, 3], [0, 4, 9]])
    np.testing.assert_array_equal(ax.lines[2].get_data(), [[1, 2, 3], [0, 16, 40]])
    colours = [line.get_color() for line in ax.lines]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert ax.get_ylim() == (0, 42)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("I", "rate (Hz)")


def test_a_silent_f_i_curve():
    silent = FICurve("silent", np.arange(3.0), np.zeros(3), np.zeros(3))
    assert plot_f_i(silent).get_ylim() == (0, 1)


def test_what_cannot_be_drawn():
    with pytest.raises(TypeError, match=r"plot_neuron: expected a result of simulate, got <.*Izhikevich'>"):
        plot_neuron(Izhikevich)
    with pytest.raises(TypeError, match=r"plot_f_i: expected a curve from f_i_curve, got \[1, 2\]"):
        plot_f_i([1, 2])
    with pytest.raises(TypeError, match=r"model: expected a model such as iz.AdEx"):
        plot_phase_plane(5)
    with pytest.raises(TypeError, match=r"v: expected the range of the variable, \(low, high\), got -60"):
        plot_phase_plane(simulate(Izhikevich, 0.0, 10), v=-60)


def test_a_map_is_drawn_without_a_phase_plane():
    class Map(iz.Model):
        dt = 1.0
        v, w = iz.State(0.0), iz.State(0.0)
        advance = lambda v, w, I: (0.9 * v + 0.1 * I, w + 0.1)
        threshold = lambda v: v >= 1
        reset = lambda w: (0.0, w)

    result = simulate(Map, 2.0, 50)
    assert result.dt == 1.0
    assert [ax.get_ylabel() for ax in result.plot().axes] == ["v", "w", "I"]


def test_noise_does_not_move_the_nullclines():
    result = simulate(AdEx, iz.step(700, start=100) + iz.noise(20), 300)
    labels = labelled(plot_phase_plane(result))
    assert {"dv/dt = 0, I = 700", "dv/dt = 0, I = 0"} <= set(labels)


def test_a_threshold_that_moves_is_in_the_picture():
    class Moving(iz.Model):
        v, th = iz.State(-70.0, unit="mV"), iz.State(-50.0, unit="mV")
        derivatives = lambda v, th, I: ((-70 - v + I) / 10, (-50 - th) / 50)
        threshold = lambda v, th: v >= th
        reset = lambda th: (-70.0, th + 10.0)

    result = simulate(Moving, 40.0, 300)
    assert plot_phase_plane(result).get_xlim()[1] > result.v.max()


def test_a_notebook_shows_a_figure_once_in_a_cell(monkeypatch):
    """IPython shows it as any other where the method raises this error, and leaves it alone where it does not."""
    cell = SimpleNamespace(execution_count=1)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: cell))
    figure = plot_neuron(simulate(Izhikevich, 10.0, 50))
    assert plt.get_fignums() == [figure.number]  # plt.show() shows it
    for cell.execution_count in (1, 3):
        with pytest.raises(NotImplementedError):
            figure._ipython_display_()
        figure._ipython_display_()
