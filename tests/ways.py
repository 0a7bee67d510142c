"""The ways to deliver spikes and to store synapses, each of which is tried on small networks too."""

from contextlib import contextmanager
from unittest import mock

from izhi_numba.synapses.ways import Load

WAYS = ("chosen", "due", "sent", "by source")


@contextmanager
def ways_of_delivery(way):
    """Deliver to all receptors in one way, whatever would be faster."""
    if way == "chosen":
        yield
        return

    def is_sparse(load, n_blocks):
        if load.by_source is not None:
            return load.by_source
        return way == "by source" and load.n_delays > 1

    with (
        mock.patch("izhi_numba.synapses.ways.is_sent", return_value=way != "due"),
        mock.patch.object(Load, "is_sparse", is_sparse),
    ):
        yield
