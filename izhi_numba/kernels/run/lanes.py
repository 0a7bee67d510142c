"""Lanes: what a visit knows of 64 synapses, number by number, so that loops over them become vector code.

The work space of a block has a column for each number: the entries in place of the logs of the targets, first
their stamps, newest first, then each of their numbers; the synapse's own weight and variables; and more. A
column has an item of 4 or 8 bytes for each synapse, its *lane*.
"""

from __future__ import annotations

from dataclasses import dataclass

from izhi_numba.kernels.run.log import IN_PLACE

# Synapses are visited in chunks of so many: first it is gathered what is known of each, then what has arrived
# at them is applied, then the source's spike; last it is scattered what they are, and send.
CHUNK = 64
# Loops go over so many lanes at a time, those of a vector of single precision.
AT_ONCE = 8
STRIDE = IN_PLACE * CHUNK  # from a number of an entry to the next one


@dataclass(frozen=True)
class Lanes:
    """Where columns begin, in items."""

    itemsize: int
    n_numbers: int  # of an entry, besides its stamp
    n_variables: int  # besides the weight
    n_asked: int  # values of the target that the source's spike is given

    @property
    def target(self) -> int:
        """Number of the target, in its block."""
        return STRIDE * (1 + self.n_numbers)

    @property
    def lag(self) -> int:
        """Steps that the delay is longer than the shortest."""
        return self.target + CHUNK

    @property
    def into(self) -> int:
        """Which sum the synapse adds to, counted from that of the first target in the first slot."""
        return self.lag + CHUNK

    @property
    def known(self) -> int:
        """Stamp up to which spikes of the target were applied."""
        return self.into + CHUNK

    @property
    def x(self) -> int:
        """Weight, then the variables."""
        return self.known + CHUNK

    @property
    def asked(self) -> int:
        """Values of the target."""
        return self.x + CHUNK * (1 + self.n_variables)

    @property
    def sent(self) -> int:
        """What the synapse sends."""
        return self.asked + CHUNK * self.n_asked

    @property
    def size(self) -> int:
        """Items of all columns."""
        return self.sent + CHUNK

    @property
    def nbytes(self) -> int:
        """Bytes of the work space, in whole lines of the processor's cache."""
        return self.itemsize * self.size
