"""The tool itself: each opcode is reached, and second exceptions fire where others are cleaned up."""

import contextlib
import dis
import sys

import pytest

from tests.wholeness.injection import Injected, distinct, inject, reached, sample

HERE = (__file__,)


def opcodes(function):
    """Offsets of what the interpreter may stop at: it does not at RESUME, nor at what only holds a cache."""
    code = getattr(function, "__code__", function)
    return {one.offset for one in dis.get_instructions(code) if one.opname not in ("RESUME", "CACHE")}


class Managed:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append("in")

    def __exit__(self, *_):
        self.log.append("out")


def test_each_opcode_of_straight_code_is_reached_once():
    def straight(a=1):
        b = a + 1
        return [b, a]

    seen = [place.offset for place in reached(straight, HERE)]
    assert set(seen) == opcodes(straight)
    assert len(seen) == len(set(seen))


def test_each_opcode_of_with_try_and_finally_is_reached():
    log = []

    def careful(fail):
        with Managed(log):
            try:
                if fail:
                    raise ValueError
            except ValueError:
                log.append("except")
            finally:
                log.append("finally")

    got = set()
    for fail in (False, True):
        for k in range(1000):
            seen = []
            outcome = inject(lambda: careful(fail), at=k, files=HERE, seen=seen)  # noqa: B023
            got |= {one.offset for one in seen if one.function.endswith("careful")}
            if not outcome.fired:
                break
    ways = {one.offset: one.opname for one in dis.get_instructions(careful)}
    never = [ways[offset] for offset in opcodes(careful) - got]
    # Ways that this function cannot go: on after an __exit__ that swallows.
    assert len(never) < 10, never


@pytest.mark.parametrize("error", [Injected, KeyboardInterrupt, MemoryError])
def test_an_exception_at_each_opcode_and_then_none(error):
    done = []

    def call():
        done.append(1)
        done.append(2)

    lengths, k = [], 0
    while True:
        done.clear()
        outcome = inject(call, at=k, error=error, files=HERE)
        lengths.append(len(done))
        if not outcome.fired:
            break
        assert isinstance(outcome.left, error)
        k += 1
    assert lengths == sorted(lengths)
    assert set(lengths) == {0, 1, 2}
    assert k == len(reached(call, HERE))
    assert outcome.left is None


def test_the_second_exception_fires_in_finally_except_and_exit():
    log = []

    def call():
        with Managed(log):
            try:
                log.append("body")
            except BaseException:
                log.append("except")
                raise
            finally:
                log.append("finally")

    places = reached(call, HERE)
    body = next(k for k, one in enumerate(places) if one.line == call.__code__.co_firstlineno + 3)
    fired, logs = set(), set()
    for j in range(1000):
        log.clear()
        outcome = inject(call, at=body, second=j, files=HERE)
        logs.add(tuple(log))
        if outcome.fired < 2:
            break
        fired.add((outcome.at[1].function.split(".")[-1], outcome.at[1].line))
        assert isinstance(outcome.left, Injected)
        assert str(outcome.left).startswith(f"at opcode {body + 1 + j}:")
    first = call.__code__.co_firstlineno
    assert ("call", first + 5) in fired  # except
    assert ("call", first + 8) in fired  # finally
    assert "__exit__" in {name for name, _ in fired}
    whole = ("in", "except", "finally", "out")
    assert logs == {whole, *(tuple(word for word in whole if word != missed) for missed in whole[1:])}


def test_the_second_exception_fires_in_a_generator_around_a_lock():
    released = []

    @contextlib.contextmanager
    def lock():
        try:
            yield
        finally:
            released.append(True)

    def call():
        with lock():
            sum([])

    files = (__file__, contextlib.__file__)
    line, name = call.__code__.co_firstlineno + 2, call.__qualname__
    body = [k for k, one in enumerate(reached(call, files)) if (one.function, one.line) == (name, line)]
    lost = set()
    for j in range(1000):
        released.clear()
        outcome = inject(call, at=body[0], second=j, files=files)
        if outcome.fired < 2:
            break
        lost.add(bool(released))
    assert lost == {False, True}


def test_nothing_of_other_files_is_stopped_at():
    assert inject(lambda: sorted([2, 1]), files=("nowhere",)).events == 0


@pytest.mark.parametrize("second", [None, 0, 1, 50])
def test_the_tracer_is_gone_afterwards(second):
    before = sys.gettrace()
    for at in range(8):
        outcome = inject(lambda: None, at=at, second=second)
        assert sys.gettrace() is before
        assert outcome.events == 0  # nothing of the tool itself is stopped at


def test_what_the_interpreter_does_not_let_out_is_counted():
    class Dying:
        def __del__(self):
            self.a = 1

    def call():
        Dying()

    places = reached(call, HERE)
    k = next(k for k, one in enumerate(places) if one.function.endswith("__del__"))
    outcome = inject(call, at=k, files=HERE)
    assert (outcome.left, outcome.fired, outcome.unheard) == (None, 1, 1)


def test_samples_are_even_and_always_the_same():
    assert sample([1, 2, 3], 5) == [1, 2, 3]
    assert sample(list(range(100)), 4) == [12, 37, 62, 87]


def test_a_loop_counts_by_its_first_turn_and_its_last():
    def call():
        for i in range(50):
            str(i)

    places = reached(call, HERE)
    few = distinct(places)
    assert {places[k] for k in few} == set(places)
    assert len(few) < len(places) / 5
