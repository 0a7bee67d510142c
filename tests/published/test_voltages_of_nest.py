"""The neuron of Clopath et al. (2010) has the voltages of NEST's: its rule says of them what NEST publishes.

The trains and numbers are those of NEST's test of ``clopath_synapse`` with ``aeif_psc_delta_clopath``: pairs of
spikes at 10 to 50 Hz, the source's before the target's or after them. The rule is stated here in Python. Voltages
are used 4 ms late, as in the authors' program.
"""

import math

import numpy as np
import pytest

import izhi_numba as iz

DT, LATE = 0.1, 40
LOW, HIGH, A_LTD, A_LTP, TAU_X = -70.6, -45.3, 14e-5, 8e-5, 15.0
AFTER = [  # sources' spikes, targets', change in percent
    ([29.0, 129.0, 229.0, 329.0, 429.0], [19.0, 119.0, 219.0, 319.0, 419.0], 57.82638722),
    ([29.0, 62.3, 95.7, 129.0, 162.3], [19.0, 52.3, 85.7, 119.0, 152.3], 72.16730112),
    ([29.0, 49.0, 69.0, 89.0, 109.0], [19.0, 39.0, 59.0, 79.0, 99.0], 149.43359357),
]
BEFORE = [
    ([129.0, 229.0, 329.0, 429.0, 529.0, 629.0], [139.0, 239.0, 339.0, 439.0, 539.0, 639.0], 103.30408341),
    ([62.3, 95.6, 129.0, 162.3, 195.6, 229.0], [72.3, 105.6, 139.0, 172.3, 205.6, 239.0], 124.03640668),
    ([49.0, 69.0, 89.0, 109.0, 129.0, 149.0], [59.0, 79.0, 99.0, 119.0, 139.0, 159.0], 157.02882555),
]


def voltages(sent, arriving, n_steps):
    """v, u_plus and u_minus after each step of a cell that is kicked, and has small sums from the source."""
    net = iz.Network(dt=DT, dtype="float64", threads=1)
    # NEST's example has b in nA by mistake.
    model = iz.ClopathAdEx(b=0.0805, V_reset=-49.6)
    cell = net.pool("cell", 1, model, receptors={"syn": iz.VoltageJump()})
    for name, times, weight in (("kicks", sent, 80.0), ("source", arriving, 0.5)):
        net.spike_list(name, 1, i=np.zeros(len(times), int), t=np.array(times))
        net.connect(name, "cell", rule=iz.all_to_all(), weight=weight, delay=DT)
    cell.record(["v", "u_plus", "u_minus"])
    traces = net.run(n_steps * DT)["cell"].traces
    names = ("v", "u_plus", "u_minus")
    return [np.concatenate([[LOW], traces[name].ravel()]) for name in names]


def changed(pre, post):
    """Change of the weight in percent, as NEST's test scales it to 15 times the protocol."""
    n_steps = round((max(pre[-1], post[-1]) + 10) / DT)
    arrivals = [round(t / DT) + 1 for t in pre]  # a parrot passes them on a step later
    v, fast, slow = voltages(post, [k * DT for k in arrivals], n_steps)
    fast, slow = (np.concatenate([np.full(LATE, LOW), one[:-LATE]]) for one in (fast, slow))
    potentiating = np.flatnonzero((v > HIGH) & (fast > LOW))
    weight, trace, last, done = 0.5, 0.0, 0, 0
    for arrival in arrivals:
        for k in potentiating[done:][potentiating[done:] + 1 <= arrival]:
            left = trace * math.exp((last - k - 1) * DT / TAU_X)
            weight += A_LTP * (v[k] - HIGH) * (fast[k] - LOW) * DT * left
            done += 1
        weight -= A_LTD * max(slow[arrival - 1] - LOW, 0.0)
        trace, last = trace * math.exp((last - arrival) * DT / TAU_X) + 1 / TAU_X, arrival
    return 100 * 15 * (weight - 0.5) / 0.5 + 100


def learned(pre, post):
    """The same of a synapse that learns, after the last spike of its source."""
    net = iz.Network(dt=DT, dtype="float64", threads=1)
    net.pool("cell", 1, iz.ClopathAdEx(b=0.0805, V_reset=-49.6), receptors={"syn": iz.VoltageJump()})
    net.spike_list("kicks", 1, i=np.zeros(len(post), int), t=np.array(post))
    net.spike_list("source", 1, i=np.zeros(len(pre), int), t=np.array(pre) + DT)
    net.connect("kicks", "cell", rule=iz.all_to_all(), weight=80.0, delay=DT)
    synapses = net.connect(
        "source", "cell", rule=iz.all_to_all(), weight=0.5, delay=DT, plasticity=iz.ClopathSTDP()
    )
    net.run(pre[-1] + 2 * DT)
    return 100 * 15 * (synapses.weights[0] - 0.5) / 0.5 + 100


@pytest.mark.parametrize(("pre", "post", "expected"), AFTER + BEFORE)
def test_the_shipped_rule_changes_weights_as_in_nest(pre, post, expected):
    # The weight that the synapse sends has changed on the way, as in NEST.
    assert learned(pre, post) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("pre", "post", "expected"), AFTER + BEFORE)
def test_pairs_change_a_weight_as_in_nest(pre, post, expected):
    # The step of a spike is taken whole here, and in many parts by NEST's adaptive solver.
    assert changed(pre, post) == pytest.approx(expected, rel=1e-3)
