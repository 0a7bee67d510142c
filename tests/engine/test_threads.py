"""The choice of threads."""

import pytest

from izhi_numba.engine.threads import ThreadChoice


def run(choice, n_steps, one, everyone, calls=1000, chunk=1000):
    """Take steps that cost so many seconds with one thread and with all; returns the threads of each call."""
    chosen, took = [], 0.0
    while n_steps and len(chosen) < calls:
        threads, count = choice.choose(min(chunk, n_steps))
        seconds = count * (one if threads == 1 else everyone)
        choice.tell(threads, count, seconds)
        chosen.append(threads)
        n_steps, took = n_steps - count, took + seconds
    return chosen, took


def test_one_thread_is_taken_where_two_are_slower_and_looks_again():
    choice = ThreadChoice(2)
    chosen, took = run(choice, 100_000, 1e-4, 2e-4)
    assert chosen[:4] == [1, 2, 1, 2]  # the cost has to be known first
    assert took < 1.05 * 10
    assert chosen[50:].count(2) >= 2
    _, took = run(choice, 100_000, 1e-4, 0.6e-4)  # the machine is quiet again
    assert took < 1.1 * 6


@pytest.mark.parametrize("each", [2e-5, 1e-4, 1e-3, 1e-2])
@pytest.mark.parametrize("gain", [0.3, 0.9, 1.1, 1.5])
def test_a_second_takes_at_most_a_tenth_more_than_with_the_better_choice(each, gain):
    n_steps, chunk = int(1 / each), max(1, int(0.06 / each))
    _, took = run(ThreadChoice(4), n_steps, each, gain * each, chunk=chunk)
    assert took < 1.1 * min(1, gain)


def test_a_slow_beginning_is_forgotten():
    """Threads start, memory is touched for the first time: the first call with all says little."""
    choice = ThreadChoice(16)
    run(choice, 1, 1e-3, 1e-3)
    threads, count = choice.choose(1000)
    assert threads == 16
    choice.tell(threads, count, 20e-3 * count)
    _, took = run(choice, 2000, 1e-3, 1e-4, chunk=600)
    assert took < 1.15 * 0.2


def test_a_network_that_wakes_up_gets_threads():
    choice = ThreadChoice(8)
    run(choice, 200, 1e-7, 1e-7, chunk=200)  # silence: too little to do for threads
    _, took = run(choice, 5000, 1e-3, 2e-4, chunk=60)
    assert took < 1.1 * 1.0


def test_one_slow_trial_does_not_decide_for_long():
    choice = ThreadChoice(4)
    run(choice, 3000, 1e-4, 4e-5, chunk=600)
    threads, count = choice.choose(600)
    choice.tell(threads, count, count * 1e-3)  # somebody else took a core for this call
    _, took = run(choice, 10_000, 1e-4, 4e-5, chunk=1500)
    assert took < 1.1 * 0.4


def test_a_step_that_is_too_short_for_threads_gets_one():
    choice = ThreadChoice(4)
    assert choice.choose(1000) == (1, 1)
    choice.tell(1, 1, 1e-5)
    assert choice.choose(1) == (1, 1)
    assert choice.choose(1000) == (4, 600)


def test_single_steps_that_are_worth_it_learn_too():
    choice = ThreadChoice(4)
    chosen, _ = run(choice, 200, 1e-3, 3e-4, chunk=1)
    assert chosen.count(4) > 0.8 * len(chosen)
    chosen, _ = run(ThreadChoice(4), 200, 1e-3, 3e-3, chunk=1)
    assert chosen.count(1) > 0.8 * len(chosen)


def test_steps_of_a_time_are_told_from_what_was_measured():
    choice = ThreadChoice(2)
    assert choice.steps_in(0.06) == 16
    run(choice, 100, 1e-3, 0.5e-3)
    assert choice.steps_in(0.06) == 120
    alone = ThreadChoice(1)
    run(alone, 100, 1e-3, 1e-3)
    assert alone.steps_in(0.06) == 60
    heavy = ThreadChoice(2)
    run(heavy, 3, 2.0, 1.0)
    assert heavy.steps_in(0.06) == 0
