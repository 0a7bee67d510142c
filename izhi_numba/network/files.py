"""The state of a pool or network in a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from izhi_numba.encoding.code import CodeError
from izhi_numba.encoding.values import Decoder, Encoder
from izhi_numba.network.checking import check_state
from izhi_numba.network.checking_synapses import check_synapses
from izhi_numba.network.state import State, state_of, synapses_of
from izhi_numba.storage.container import damaged, opened, written
from izhi_numba.version import __version__


def write(path: str | os.PathLike[str], owner: Any) -> None:
    """Write a pool alone or a network; to be called in one's turn."""
    state = state_of(owner)
    with written(path, "checkpoint") as writer:
        encoder = Encoder(writer)
        content = {
            "kind": type(owner).__name__,
            "version": __version__,
            "state": encoder.node("", state),
            "synapses": [
                encoder.node(f"engine/projections/{place}", synapses_of(one))
                for place, one in enumerate(owner._engine.projections)
            ],
        }
        encoder.finish({"dict": content})


def read(path: str | os.PathLike[str], handed: Sequence[Any]) -> tuple[str, State, list[State]]:
    """Return the class of a pool or network, its state, and what its synapses are, all checked.

    Raises
    ------
    OSError, ValueError
        Nothing can be made of it: in one sentence.
    """
    with opened(path, "checkpoint") as reader:
        try:
            content = Decoder(reader, handed).content
            check_state(content["state"])
            check_synapses(content["state"], content["synapses"])
            return content["kind"], content["state"], content["synapses"]
        except CodeError as error:
            raise ValueError(f"{path}: {error}") from None
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # of what a file says, anything may be wrong
            raise damaged(path, error) from error
