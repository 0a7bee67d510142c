"""Each kind of value that the package has can be written and read."""

import pytest

from izhi_numba.connectivity.rules import Rule
from izhi_numba.encoding.values import KINDS, fields_of
from izhi_numba.inputs.waveforms import Waveform


def all_of(base):
    return [base, *(one for kind in base.__subclasses__() for one in all_of(kind))]


@pytest.mark.parametrize("base", [Waveform, Rule])
def test_no_kind_is_missing(base):
    own = [kind for kind in all_of(base) if kind.__module__.startswith("izhi_numba.")]
    assert len(own) > 5
    assert [kind for kind in own if KINDS.get(kind.__name__) is not kind] == []


def test_kinds_have_fields():
    assert all(isinstance(fields_of(kind), tuple) for kind in KINDS.values())
