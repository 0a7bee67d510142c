"""Visits to rows of learning synapses because they are old, and to all of them, to be read.

A *pass* goes through all rows of a block, some in each step, and visits those that were not visited since it
began. So the log of targets stays within its room, whatever sources are silent. A visit changes no bit, see
:mod:`izhi_numba.kernels.run.learn`.

A pass begins when a log is half full, when many signals are held, or after very many steps. With one pass
after the other, of 500 ms each, the network of Izhikevich (2007), whose neurons spike at 1.3 Hz, took 1.15 of
its time: rows were visited more often for being old than for a spike.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.run.learn import call_learn
from izhi_numba.kernels.run.log import FLOOR, N_LOG, compact, is_filled
from izhi_numba.kernels.run.signals import BEGIN, END, MANY, N_SIGNALS, STAMPS
from izhi_numba.kernels.run.sites import HEARD, LEARN, N_ROWS, N_SITE, SEEN, SIGNALS

# Columns of the table of passes, a row for each block.
(
    SITE,  # where it is
    ROW,
    BEGAN,  # step up to which all arrivals are applied by what it has passed
    FILLED,  # part of the room of logs, in 256ths, that is used when a pass begins
    N_PASS,
) = range(5)
_OLD = 2**28  # steps that no row lags behind, so that stamps tell what it has heard of


@inline
def _is_due(sites, n_sites, logs, n_logs, filled, until, window):
    """Whether a pass is to begin."""
    is_due = False
    for k in range(n_logs):
        log = view(logs + 8 * N_LOG * k, N_LOG, np.int64)
        is_due |= is_filled(log, filled, window) or until - log[FLOOR] > _OLD
    for k in range(n_sites):
        signals = view(sites + 8 * N_SITE * k, N_SITE, np.int64)[SIGNALS]
        if signals != 0:
            g = view(signals, N_SIGNALS, np.int64)
            if g[END] - g[BEGIN] > MANY:
                is_due |= view(g[STAMPS], MANY + 1, np.int64)[MANY] <= until
    return is_due


@shared
def sweep(sites, n_sites, logs, n_logs, pass_of, quota, until, dt, window, zero):
    """Go on with a pass by so many rows, up to its end; arrivals are applied up to the step ``until``."""
    now = view(pass_of, N_PASS, np.int64)
    if now[SITE] == 0 and now[ROW] == 0:
        if not _is_due(sites, n_sites, logs, n_logs, now[FILLED], until, window):
            return
        now[BEGAN] = until
    while now[SITE] < n_sites:
        site = sites + 8 * N_SITE * now[SITE]
        s = view(site, N_SITE, np.int64)
        seen = view(s[SEEN], s[N_ROWS], np.int64)
        last = min(now[ROW] + quota, s[N_ROWS])
        quota -= last - now[ROW]
        for row in range(now[ROW], last):
            if seen[row] < now[BEGAN]:
                call_learn(s[LEARN], site, row, until, -1, 0, 0, 1, 0, 0, dt)
        now[ROW] = last
        if last < s[N_ROWS]:
            return
        now[SITE], now[ROW] = now[SITE] + 1, 0
    now[SITE] = 0
    _raise_floor(logs, n_logs, now[BEGAN])
    compact(logs, n_logs, window, zero, True)


@inline
def _raise_floor(logs, n_logs, step):
    """All rows have taken up what arrived up to a step: logs forget it, when their room is short."""
    for g in range(n_logs):
        log = view(logs + 8 * N_LOG * g, N_LOG, np.int64)
        log[FLOOR] = max(log[FLOOR], step)


@inline
def _has_news(s, row):
    """Whether a row has not heard of all signals."""
    if s[SIGNALS] == 0:
        return False
    return view(s[HEARD] + 8 * row, 1, np.int64)[0] < view(s[SIGNALS], N_SIGNALS, np.int64)[END]


@shared
def settle(sites, n_sites, logs, n_logs, until, dt):
    """Have all rows take up what has arrived up to the step ``until``, and signals of the one after."""
    for k in range(n_sites):
        site = sites + 8 * N_SITE * k
        s = view(site, N_SITE, np.int64)
        seen = view(s[SEEN], s[N_ROWS], np.int64)
        for row in range(s[N_ROWS]):
            if seen[row] < until or _has_news(s, row):
                call_learn(s[LEARN], site, row, until, -1, 0, 0, 1, 0, 0, dt)
    _raise_floor(logs, n_logs, until)
