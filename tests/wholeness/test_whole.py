"""A change is whole or not at all: exceptions at every bytecode of every public call that changes something.

In short, some opcodes of each call, evenly; and pairs of them of every third call. With ``-m slow`` each one (of loops, and of helpers that are
called from many places, the first time and the last), and many pairs: the second where the first is cleaned
up. That is 330,000 calls, over an hour of one core: ``pytest -m slow -n auto tests/wholeness``.
"""

import inspect

import pytest

import izhi_numba as iz
from tests.wholeness import scenarios
from tests.wholeness.apart import apart
from tests.wholeness.attack import References, attack, points
from tests.wholeness.injection import sample
from tests.wholeness.scenarios import SCENARIOS, STATEFUL, VALUES, calls, plain

FEW, FEW_READING, FEW_PAIRS = 4, 2, 1
MANY_PAIRS = 40  # first opcodes, and seconds of each, of the long form


def told(report, opcodes):
    """Fail with what was found, in a few lines."""
    report.opcodes = opcodes
    if report.failures:
        pytest.fail(str(report), pytrace=False)


def named(which):
    return pytest.mark.parametrize("scenario", which, ids=[one.name for one in which])


def test_each_public_name_has_a_scenario_or_changes_nothing():
    known = {one.covers for one in SCENARIOS} | plain()
    assert sorted(calls() - known) == []
    assert sorted(known - calls()) == []


def test_what_changes_something_is_not_told_to_change_nothing():
    changing = {one.covers for one in SCENARIOS if one.kind != "read"}
    assert not changing & plain()
    assert not [name for name in plain() if name.endswith("=")]


def test_each_public_class_is_a_value_or_has_scenarios():
    kinds = [kind for kind in vars(iz).values() if inspect.isclass(kind)]
    assert not [kind for kind in kinds if kind not in STATEFUL and not issubclass(kind, VALUES)]


def test_each_public_function_is_known():
    functions = {name for name in iz.__all__ if inspect.isfunction(getattr(iz, name))}
    assert functions == set(scenarios.FUNCTIONS.split())


def test_names_of_scenarios_are_distinct():
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)


@pytest.fixture(scope="module")
def references():
    """Of each scenario, made when first asked for."""
    made = {}

    def of(scenario):
        if scenario.name not in made:
            made[scenario.name] = References(scenario)
        return made[scenario.name]

    return of


@named(SCENARIOS)
def test_whole_or_not_at_all(scenario, references):
    known = references(scenario)
    known.check()
    numbers, opcodes = points(scenario, FEW_READING if scenario.kind == "read" else FEW)
    report = apart(lambda tell: attack(known, numbers, tell=tell), seconds=60)
    told(report, opcodes)


CHANGING = [one for one in SCENARIOS if one.kind != "read"]


@named(CHANGING[::3])
def test_whole_with_a_second_exception_in_the_cleaning_up(scenario, references):
    known = references(scenario)
    numbers, opcodes = points(scenario, FEW_PAIRS)
    report = apart(lambda tell: attack(known, numbers, seconds=2, tell=tell), seconds=60)
    told(report, opcodes)


@pytest.mark.slow
@named(SCENARIOS)
def test_whole_at_every_opcode(scenario, references):
    known = references(scenario)
    numbers, opcodes = points(scenario, None)
    report = apart(lambda tell: attack(known, numbers, tell=tell), seconds=3600)
    told(report, opcodes)


@pytest.mark.slow
@named(CHANGING)
def test_whole_at_every_pair_of_many(scenario, references):
    known = references(scenario)
    numbers, opcodes = points(scenario, None)
    some = sample(numbers, MANY_PAIRS)
    report = apart(lambda tell: attack(known, some, seconds=MANY_PAIRS, tell=tell), seconds=3600)
    told(report, opcodes)
