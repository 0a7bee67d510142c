"""The ways to deliver spikes and to store synapses, each of which is tried on small networks too."""

from contextlib import ExitStack, contextmanager
from unittest import mock

from izhi_numba.synapses.ways import Load

WAYS = ("chosen", "due", "sent", "by source")


@contextmanager
def ways_of_delivery(way):
    """Deliver to all receptors in one way, whatever would be faster."""
    if way == "chosen":
        yield
        return

    def is_by_source(load, n_blocks, *, sent):
        if load.by_source is not None:
            return load.by_source
        return way == "by source" and load.n_delays > 1

    with ExitStack() as stack:
        for module in ("synapses.ways", "engine.budget"):
            sent = mock.patch(f"izhi_numba.{module}.is_sent", return_value=way != "due")
            stack.enter_context(sent)
        stack.enter_context(mock.patch.object(Load, "is_sparse", return_value=False))
        stack.enter_context(mock.patch.object(Load, "is_by_source", is_by_source))
        yield
