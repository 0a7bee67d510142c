"""Bare loops that show what the machine can do: bounds for the benchmarks."""

from __future__ import annotations

from typing import Any, NamedTuple

from izhi_numba.kernels import team
from izhi_numba.kernels.jit import kernel, of_team


class Triad(NamedTuple):
    """A job: ``a = b + s * c``, again and again; each thread has a row of its own."""

    a: Any  # float (n_threads, size)
    b: Any
    c: Any
    s: Any  # float
    repetitions: Any


@of_team
def _triad(thread, job):
    a, b, c, s = job.a[thread], job.b[thread], job.c[thread], job.s
    for _ in range(job.repetitions):
        for i in range(len(a)):
            a[i] = b[i] + s * c[i]


@kernel
def triad(helpers, n_threads, job):
    """Stream: what moves through a core, or all of them."""
    team.lead(helpers, n_threads, team.job_of(_triad, job))


class Scatter(NamedTuple):
    """A job: add rows of weights to random targets; each thread has its own."""

    current: Any  # float (n_threads, n_targets)
    targets: Any  # uint16 (n_threads, n_rows * piece)
    weights: Any  # float (n_threads, n_rows * piece)
    order: Any  # int64, rows as they come
    piece: Any  # int64


@of_team
def _scatter(thread, job):
    current, piece = job.current[thread], job.piece
    for j in range(len(job.order)):
        begin = job.order[j] * piece
        targets = job.targets[thread, begin : begin + piece]
        weights = job.weights[thread, begin : begin + piece]
        for s in range(piece):
            current[targets[s]] += weights[s]


@kernel
def scatter(helpers, n_threads, job):
    """Add rows of weights to random targets: what delivery must do, and nothing else."""
    team.lead(helpers, n_threads, team.job_of(_scatter, job))


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
