"""What a rule may ask of the voltages of targets, and what is told of mistakes."""

import pytest

import izhi_numba as iz
from izhi_numba.models.validation import try_out_rule


class Voltages(iz.Plasticity):
    bounds = (0.0, "w_max")
    x = iz.SourceTrace("tau_x")
    v, u_plus, u_minus = (
        iz.TargetValue("v"),
        iz.TargetValue("u_plus", "late"),
        iz.TargetValue("u_minus", "late"),
    )
    tau_x, late, w_max = iz.Parameter(15.0), iz.Parameter(4.0), iz.Parameter(100.0)
    theta_minus, theta_plus = iz.Parameter(-70.6), iz.Parameter(-45.3)
    A_LTD, A_LTP = iz.Parameter(14e-5), iz.Parameter(8e-5)

    def when(v, u_plus, theta_plus, theta_minus):
        return v > theta_plus and u_plus > theta_minus

    def on_pre(w, u_minus, A_LTD, theta_minus):
        return w - A_LTD * max(u_minus - theta_minus, 0.0)

    def on_post(w, x, v, u_plus, A_LTP, tau_x, theta_plus, theta_minus, dt):
        return w + A_LTP * x / tau_x * (v - theta_plus) * (u_plus - theta_minus) * dt


def test_values_are_declared_as_traces_are():
    assert Voltages.values == {
        "v": iz.TargetValue("v"), "u_plus": iz.TargetValue("u_plus", "late"), "u_minus": iz.TargetValue("u_minus", "late"),
    }  # fmt: skip
    assert try_out_rule(Voltages(), 0.1)["on_post"] == ("w",)


def test_it_runs_uncompiled():
    assert Voltages.when(v=0.0, u_plus=-60.0, theta_plus=-45.3, theta_minus=-70.6)
    assert Voltages.on_pre(w=0.5, u_minus=-60.6, A_LTD=0.01, theta_minus=-70.6) == pytest.approx(0.4)


def test_late_is_no_negative_time():
    with pytest.raises(ValueError, match="late: expected a number of at least 0, got -1"):
        Voltages(late=-1.0)


WRONG = [
    ({"v": iz.TargetValue("v", "late")}, "v: what it is late by, 'late', is no parameter; there are: tau$"),
    ({"dt": iz.TargetValue("v")}, "'dt' is the name of what a rule is given"),
    ({"on_post": lambda w, v: w + v}, r"on_post: 'v' is a value of the target; say with when\(\)"),
    ({"when": lambda v: v > 0, "on_pre": lambda w: w, "on_post": None}, "when: it says when on_post is called"),
    ({"when": lambda v: v > 0, "y": iz.TargetTrace("tau")}, r"y: a rule with when\(\) has no traces of the target"),
    ({"when": lambda w, v: v > w}, "when: "),
    ({"on_tick": lambda w, v: w + v}, "on_tick: "),
    ({"when": lambda tau: tau > 0.0}, "when: it asks for no TargetValue, and says the same in all steps"),
    ({"when": 3.0}, "when: expected a function of the rule, got 3.0"),
]  # fmt: skip


@pytest.mark.parametrize(("members", "message"), WRONG)
def test_mistakes_are_told(members, message):
    usual = {"tau": iz.Parameter(10.0), "v": iz.TargetValue("v"), "on_post": lambda w: w}
    with pytest.raises(TypeError, match=message):
        type("Mine", (iz.Plasticity,), usual | members)
