"""Projections that are drawn by one call of the kernels are those that each of them would be alone."""

import numpy as np
import pytest

import izhi_numba as iz

SHUFFLED = np.random.default_rng(3).permutation(40)
SIDES = [
    (slice(None), slice(None)), (slice(None, None, -1), slice(None)), (slice(None), SHUFFLED),
    (SHUFFLED, slice(None, None, -1)),
]  # fmt: skip
GIVEN = np.random.default_rng(1).integers(0, 40, (2, 90))
WISHES = [
    {"rule": iz.fixed_outdegree(5), "delay": 1.5},
    {"rule": iz.fixed_outdegree(9, multapses=False), "weight": iz.uniform(0, 1), "delay": iz.uniform(0.1, 3)},
    {"rule": iz.fixed_outdegree(9, multapses=False), "delay": iz.integers(1, 3)},
    {"rule": iz.fixed_indegree(6, multapses=False), "weight": iz.normal(1, 0.1)},
    {"rule": iz.fixed_indegree(3), "delay": iz.uniform(0.1, 2)},
    {"rule": iz.fixed_probability(0.1), "weight": iz.lognormal(0, 1)},
    {"rule": iz.fixed_total_number(77), "delay": 0.3},
    {"rule": iz.scale_free(3)},
    {"rule": iz.one_to_one()},
    {"rule": iz.all_to_all(), "weight": iz.uniform(0, 1)},
    {"rule": iz.from_arrays(*GIVEN), "delay": 2.0},
]


@pytest.mark.parametrize("threads", [1, 3])
def test_drawn_together_or_alone(threads):
    net = iz.Network(seed=1, threads=threads)
    pools = [net.pool(f"p{k}", 40) for k in range(3)]
    ends = np.random.default_rng(2).integers(0, 3, (60, 2)).tolist()
    several = []
    for k, (pre, post) in enumerate(ends):
        sources, targets = SIDES[k // len(WISHES) % len(SIDES)]
        several.append(net.connect(pools[pre][sources], pools[post][targets], **WISHES[k % len(WISHES)]))
    alone = [synapses.to_arrays() for synapses in several]  # drawn for this look
    net.prepare()
    for synapses, before in zip(several, alone, strict=True):
        for ours, theirs in zip(synapses.to_arrays(), before, strict=True):
            np.testing.assert_array_equal(ours, theirs)
