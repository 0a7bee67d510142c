"""Bare loops that show what the machine can do: bounds for the benchmarks."""

from __future__ import annotations

from izhi_numba.kernels.jit import kernel


@kernel
def triad(a, b, c, s, repetitions):
    """Stream: ``a = b + s * c``, again and again."""
    for _ in range(repetitions):
        for i in range(len(a)):
            a[i] = b[i] + s * c[i]


@kernel
def scatter(current, targets, weights, order, piece):
    """Add rows of weights to random targets: what delivery must do, and nothing else."""
    for j in range(len(order)):
        begin = order[j] * piece
        its_targets = targets[begin : begin + piece]
        its_weights = weights[begin : begin + piece]
        for s in range(piece):
            current[its_targets[s]] += its_weights[s]


@kernel
def add_rows(current, targets, weights, count):
    """The adds of delivery, from the first synapse to the last."""
    its_targets = targets[:count]
    if len(weights) > 0:
        its_weights = weights[:count]
        for s in range(count):
            current[its_targets[s]] += its_weights[s]
    else:
        one = current[0] * 0 + 1
        for s in range(count):
            current[its_targets[s]] += one


@kernel
def add_rows_in_order(current, targets, weights, begins, ends):
    """The adds of delivery of some rows, one after the other."""
    for k in range(len(begins)):
        its_targets, its_weights = targets[begins[k] : ends[k]], weights[begins[k] : ends[k]]
        for s in range(len(its_targets)):
            current[its_targets[s]] += its_weights[s]
