import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from izhi_numba.base import selection

some = st.lists(st.integers(0, 30), min_size=1, unique=True).map(np.array)
neighbours = st.tuples(st.integers(0, 15), st.integers(16, 31)).map(lambda ends: slice(*ends))
chosen = st.one_of(some, neighbours)


@given(chosen, chosen)
def test_two_sets_of_neurons_beside_lists(one, other):
    ours, theirs = (selection.indices_of(each).tolist() for each in (one, other))
    expected = [theirs.index(neuron) if neuron in theirs else -1 for neuron in ours]
    assert selection.places_among(one, other).tolist() == expected
    assert selection.is_among(np.array(ours), other).tolist() == [neuron in theirs for neuron in ours]
    assert selection.n_common(one, other) == len(set(ours) & set(theirs))
    assert selection.hull(one) == slice(min(ours), max(ours) + 1)


@given(chosen, st.data())
def test_some_of_chosen_neurons(one, data):
    ours = selection.indices_of(one)
    inner = data.draw(st.lists(st.integers(0, len(ours) - 1), min_size=1, unique=True).map(np.array))
    found = selection.some_of(one, selection.simplest(inner))
    np.testing.assert_array_equal(selection.indices_of(found), ours[inner])


@given(chosen)
def test_what_is_written_is_what_is_meant(one):
    neurons = selection.indices_of(one)
    text = selection.as_text(selection.simplest(neurons))
    if "..." not in text:
        np.testing.assert_array_equal(np.arange(31)[selection.written(text)], neurons)


@pytest.mark.parametrize("text", ["a", "1:2:3:4", "[1", ""])
def test_what_means_nothing(text):
    with pytest.raises(ValueError, match="expected neurons as in"):
        selection.written(text)
