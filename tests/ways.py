"""The ways to deliver spikes and to store synapses, each of which is tried on small networks too."""

from contextlib import contextmanager
from unittest import mock

WAYS = ("chosen", "due", "sent", "by source")


@contextmanager
def ways_of_delivery(way):
    """Deliver to all receptors in one way, whatever would be faster."""
    if way == "chosen":
        yield
        return
    sent = mock.Mock(side_effect=lambda loads, ring_bytes: way != "due")
    sparse = mock.Mock(side_effect=lambda load: way == "by source" and load.may_be_by_source)
    with (
        mock.patch.multiple("izhi_numba.engine.engine", is_sent=sent, is_sparse=sparse),
        mock.patch("izhi_numba.engine.wiring.is_sent", sent),
    ):
        yield
