"""Calls whose arguments do not fit are told which, and get an example."""

import inspect

import pytest

from izhi_numba.base.calls import called_as


@called_as("wait(3, unit='ms')")
def wait(time, *, unit="ms", most=None):
    """Wait."""
    if time < 0:
        raise TypeError("from within")
    return time + len(0) if time > 9 else time


def test_a_call_that_fits_is_as_without():
    assert wait(3) == wait(time=3, unit="s") == 3
    assert list(inspect.signature(wait).parameters) == ["time", "unit", "most"]
    assert (wait.__name__, wait.__doc__) == ("wait", "Wait.")


@pytest.mark.parametrize(("args", "kwargs", "message"), [
    ((3, "ms"), {}, "wait: takes only time without a name, got 2; unit, most by name"),
    ((), {}, "wait: time is missing"),
    ((3,), {"unti": 3}, "wait: no argument 'unti'; do you mean 'unit'"),
    ((3,), {"xyz": 3}, "wait: no argument 'xyz'; there are time, unit, most"),
    ((3,), {"time": 3}, "wait: time is given twice, without its name and by it"),
])  # fmt: skip
def test_what_does_not_fit(args, kwargs, message):
    with pytest.raises(TypeError) as caught:
        wait(*args, **kwargs)
    assert str(caught.value) == f"{message}, as in wait(3, unit='ms')"


def test_errors_from_within_stay():
    with pytest.raises(TypeError, match=r"^from within$"):
        wait(-1)
    with pytest.raises(TypeError, match="has no len"):
        wait(10)


def test_values_by_any_name():
    @called_as("put(a=3)")
    def put(**values): ...

    with pytest.raises(
        TypeError, match=r"^put: takes nothing without a name, got 1; each value by name, as "
    ):
        put(3)


def test_several_are_missing():
    @called_as("join(1, 2)")
    def join(first, second): ...

    with pytest.raises(TypeError, match=r"^join: first and second are missing, as in join\(1, 2\)$"):
        join()
