"""Weights of single synapses that learn are those of NEST, for trains with every order of coincidence.

The trains are NEST's own, of its test of ``stdp_synapse``, after 950 ms of Poisson spikes; the numbers are what
its synapses between two ``parrot_neuron`` sent, as its ``weight_recorder`` has them.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import izhi_numba as iz

NEST = json.loads(Path(__file__).with_name("plasticity_of_nest.json").read_text())
PRE, POST = np.array(NEST["pre"]), np.array(NEST["post"])
DT = 0.1
PAIR = {"tau_plus": 16.8, "tau_minus": 33.7}
OF_WEIGHT = {**PAIR, "lambda_": 0.01, "alpha": 0.85, "w_max": 15.0}
NEIGHBOURS = {**PAIR, "A_plus": 0.15, "A_minus": 0.15 * 0.85, "w_max": 15.0}
RULES = {
    "additive": iz.WeightDependentSTDP(**OF_WEIGHT, mu_plus=0.0, mu_minus=0.0),
    "guetig": iz.WeightDependentSTDP(**OF_WEIGHT, mu_plus=0.3, mu_minus=0.7),
    "multiplicative": iz.WeightDependentSTDP(**OF_WEIGHT, mu_plus=1.0, mu_minus=1.0),
    "symm": iz.NearestSTDP(**NEIGHBOURS),
    "restr": iz.RestrictedNearestSTDP(**NEIGHBOURS),
    "pre_centered": iz.PresynapticNearestSTDP(**NEIGHBOURS),
    "triplet": iz.TripletSTDP(w_max=100.0),
    "inhibitory": iz.InhibitorySTDP(rate=3.0, eta=0.001, w_max=100.0),
    "power": iz.PowerLawSTDP(lambda_=0.1, alpha=0.0513, mu=0.4),
    "tsodyks": iz.TsodyksMarkram(U=0.5, tau_rec=800.0, tau_fac=0.0),
    "facilitating": iz.TsodyksMarkram(U=0.05, tau_rec=100.0, tau_fac=1000.0),
}


class Sum(iz.Model):
    """Adds up what arrives, and never spikes."""

    v = iz.State(0.0)

    def derivatives(v):
        return 0.0 * v

    def threshold(v):
        return v > 1e30


def sent_by(rule, weight, delay):
    """What a synapse from one train to another has sent, for each spike of the source."""
    net = iz.Network(dt=DT, seed=1, dtype="float64", threads=1)
    net.spike_list("pre", 1, i=np.zeros(len(PRE), int), t=PRE)
    net.spike_list(
        "clicks", 1, i=np.zeros(len(POST), int), t=POST - DT
    )  # a relay passes them on a step later
    net.pool("post", 1, iz.Relay)
    net.connect("clicks", "post", rule=iz.all_to_all(), weight=1.0)
    synapses = net.connect("pre", "post", rule=iz.all_to_all(), weight=weight, delay=delay, plasticity=rule)
    synapses.gain = 0.0
    found = []
    for t in PRE:
        net.run(float(np.round(t + DT - net.t, 6)))
        found.append(synapses.weights[0])
    return np.array(found)


def summed_by(rule, weight):
    """The same of a synapse whose weight stays, from the sum of what has arrived."""
    net = iz.Network(dt=DT, seed=1, dtype="float64", threads=1)
    net.spike_list("pre", 1, i=np.zeros(len(PRE), int), t=PRE)
    cell = net.pool("cell", 1, Sum, scheme="euler", receptors={"jump": iz.VoltageJump()})
    net.connect("pre", "cell", rule=iz.all_to_all(), weight=weight, delay=DT, plasticity=rule)
    cell.record("v")
    sums = net.run(float(PRE[-1] + 1))["cell"].traces["v"][:, 0]
    return np.diff(sums[np.round(PRE / DT).astype(int)], prepend=0.0)


@pytest.mark.parametrize("case", NEST["cases"])
def test_weights_are_those_of_nest(case):
    kind, delay = case.split()
    known = NEST["cases"][case]
    if isinstance(RULES[kind], iz.TsodyksMarkram):
        if float(delay) != 0.1:
            pytest.skip("the delay plays no part")
        found = summed_by(RULES[kind], known["w0"])
    else:
        found = sent_by(RULES[kind], known["w0"], float(delay))
    wanted = np.array(known["weights"])
    if kind == "restr":
        # A spike of the source with which one of the target arrives: there NEST depresses by the pair with
        # the target's spike before it, even if another spike of the source is between.
        together = np.isclose(PRE[:, None], POST + float(delay), atol=1e-6).any(axis=1)
        assert together.sum() < 10
        found, wanted = (np.diff(one)[~together[1:]] for one in (found, wanted))
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)
