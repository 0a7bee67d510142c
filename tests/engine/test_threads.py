"""The choice of threads."""

from izhi_numba.engine.threads import ThreadChoice


def test_one_thread_is_taken_where_two_are_slower_and_looks_again():
    choice = ThreadChoice(2)
    chosen = []
    for _ in range(100):
        threads, n_steps = choice.choose(1000)
        chosen.append(threads)
        choice.tell(threads, n_steps, n_steps * (1e-4 if threads == 1 else 2e-4))
    assert chosen[:2] == [1, 2]  # the cost has to be known first
    assert chosen.count(1) > 85
    assert chosen[50:].count(2) >= 2
    for _ in range(100):  # the machine is quiet again
        threads, n_steps = choice.choose(1000)
        choice.tell(threads, n_steps, n_steps * (1e-4 if threads == 1 else 0.6e-4))
        chosen.append(threads)
    assert chosen[130:].count(2) > 60


def test_a_step_that_is_too_short_for_threads_gets_one():
    choice = ThreadChoice(4)
    assert choice.choose(1000) == (1, 16)
    choice.tell(1, 16, 16e-5)
    assert choice.choose(1) == (1, 1)
    assert choice.choose(1000) == (4, 1000)
