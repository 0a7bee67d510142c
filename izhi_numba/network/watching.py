"""Steps that somebody watches: they keep what the onlooker wants, and leave alone what the user records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from izhi_numba.engine.run import Steps
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool
from izhi_numba.network.sources import Sources
from izhi_numba.results.recorder import Wishes
from izhi_numba.results.result import Result


def watched(net: Pool | Network, n_steps: int, wishes: Sequence[Wishes]) -> tuple[list[Result], bool]:
    """Take up to so many steps, none after ``net.stop()`` was called.

    Returns a result of each population, and whether it was stopped, which is over then.

    Parameters
    ----------
    net : Pool or Network
    n_steps : int
    wishes : sequence of Wishes
        What to keep of each population; the same object in each call, where it does not change.

    Raises
    ------
    RuntimeError
        There are other populations than wishes; or it is busy in another thread.
    SimulationError
        As of ``net.run``.
    """
    engine = net._engine
    with engine.changes.run, engine.changes:
        members = net._running()
        if len(members) != len(wishes):
            raise RuntimeError(f"expected {len(members)} wishes, one for each population, got {len(wishes)}")
        engine.failure = None
        net._check_ready()
        engine.prepare()
        recorder = engine.recorder(wishes, whole=True)
        Steps(engine, recorder).take(n_steps)
        stopped, engine.is_stopping = engine.is_stopping, False
        found = net._result_of(recorder.whole, float("nan"), 0.0)
    check: Callable[[Any, Any], None] = net._check_outcome
    check(found, recorder.fault)
    return [found] if isinstance(found, Result) else [*found._parts.values()], stopped


def forget_stop(net: Pool | Network) -> None:
    """Take back that ``net.stop()`` ended a run which is long over.

    Raises
    ------
    RuntimeError
        It is busy in another thread.
    """
    with net._engine.changes.run:
        net._engine.is_stopping = False


def members_of(net: Pool | Network) -> Mapping[str, Pool | Sources]:
    """Return pools and sources by name, in the order of the populations; a pool that is alone has none."""
    return {"": net} if isinstance(net, Pool) else net._members
