"""Sequences of public calls, drawn by hypothesis, on pools and networks that it draws, beside a simple model.

The model is the story of what was done, see ``story.py``. Whatever happened besides (files, copies, going
back, interruptions, refused calls), a twin that is built anew and lives through the story alone, on other
threads and with its runs cut in other pieces, has the same spikes, traces and state, to the bit.

One rule more: a method with ``@rule``, which takes ``one``, does what is new with ``one.sim``, and writes
down what has changed: ``one.ran(n_steps, result)`` after steps, ``one.call(action, seed)`` for a call,
nothing for what changes nothing.
"""

from __future__ import annotations

import copy
import itertools
import os
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import izhi_numba as iz
from tests import inside
from tests.network import drawn
from tests.network.drawn import bits, differing
from tests.wholeness.injection import FILES, PACKAGE, Injected, inject
from tests.wholeness.refusals import ERRORS, REFUSED
from tests.wholeness.story import Beginning, Call, Loop, Sheet, Stretch, assert_like_its_twin, steps_done


class EndedError(Exception):
    """Raised by functions that a run calls."""


def failing(t):
    """A current that cannot be computed at a multiple of 16 ms."""
    times = np.asarray(t)
    if np.any((times % 16 == 0) & (times > 0)):
        raise EndedError
    return 4.0 + 0 * times


def driven_by_what_fails(sim, rng):
    """Drive by a function of time that fails sooner or later."""
    sim.drive("inh", iz.from_function(failing))


def is_where_it_fails(one):
    """Whether that function drives it, or did, and fails for the next step."""
    drives = any(getattr(part, "action", None) is driven_by_what_fails for part in one.sheet.story)
    return drives and one.sim.t > 0 and one.sim.t % 16 == 0


def driven_by_a_constant(sim, rng):
    """Drive by what cannot fail."""
    sim.drive("inh", float(rng.uniform(0, 9)))


SEEDS, STEPS = st.integers(0, 2**16), st.integers(1, 70)
ACTIONS = (
    drawn.connect, drawn.weights, drawn.some_weights, drawn.gain, drawn.drive, drawn.change, drawn.record,
    drawn.silence, drawn.add, drawn.remove, drawn.reset, drawn.weigh, driven_by_what_fails,
    driven_by_a_constant, drawn.learn, drawn.teach,
)  # fmt: skip
AT_ONCE = (  # whose actions are one call each
    drawn.connect, drawn.weights, drawn.some_weights, drawn.gain, drawn.drive, drawn.remove, drawn.reset,
    drawn.weigh, drawn.learn, drawn.teach,
)  # fmt: skip
IN_LOOPS = (
    drawn.connect, drawn.weights, drawn.some_weights, drawn.gain, drawn.drive, drawn.change, drawn.silence
)  # fmt: skip
WAYS = (
    lambda sim, n_steps: sim.step(n_steps),
    lambda sim, n_steps: sim.run(n_steps * sim.dt),
    lambda sim, n_steps: sim.run(n_steps * sim.dt, progress=lambda at: None),
    lambda sim, n_steps: sim.run(n_steps * sim.dt, every={sim.dt: lambda sim: sim["exc"].v.mean()}),
)
# Of a gain there are five hundred, of a save a hundred thousand.
OPCODES = st.integers(1, 17).flatmap(lambda power: st.integers(2**power // 2, 2**power))
AROUND_STEPS = ("engine/engine.py", "engine/run.py", "network/running.py", "results/recorder.py")
TRACED = st.sampled_from([FILES, tuple(PACKAGE + file.replace("/", os.sep) for file in AROUND_STEPS)])
SET = (
    drawn.weights, drawn.some_weights, drawn.gain, drawn.drive, drawn.change, drawn.record, drawn.silence,
    drawn.reset, drawn.weigh, drawn.learn, drawn.teach,
)  # fmt: skip


def parts(result):
    """Results by the names of their populations."""
    return dict(result.items()) if isinstance(result, iz.NetworkResult) else {"": result}


def is_finite(sim):
    """Whether all variables are finite."""
    pools = sim.pools.values() if isinstance(sim, iz.Network) else [sim]
    return all(np.isfinite(getattr(pool, name)).all() for pool in pools for name in pool.model.states)


class One:
    """A pool or network, and what must be true of it."""

    def __init__(self, sim, beginning, sheet, tally, *, is_over=False):
        self.sim, self.beginning, self.sheet, self.tally = sim, beginning, sheet, tally
        self.is_over = is_over  # its state is not finite: it cannot go on

    def __repr__(self):
        return f"<{self.sim!r}: {self.sheet}>"

    def also(self, sim):
        """Another one, that was made of it."""
        return One(sim, self.beginning, self.sheet, self.tally, is_over=self.is_over)

    def call(self, action, seed):
        """Make a call that changes something, and write it down."""
        if not self.is_over:
            call = Call(action, seed)
            call.make(self.sim)
            self.called(call)

    def called(self, call):
        """Write down a call."""
        sheet, now = self.sheet, {}
        if call.action is drawn.connect:
            now["projections"] = (*sheet.projections, self._new())
        elif call.action is drawn.add and isinstance(self.sim, iz.Network):
            now["members"] = (*sheet.members, f"more {self._n_pools()}")
        elif call.action is drawn.remove and sheet.projections:
            place = int(np.random.default_rng(call.seed).integers(len(sheet.projections)))
            now["projections"] = sheet.projections[:place] + sheet.projections[place + 1 :]
        elif call.action is drawn.reset:
            now["steps"] = 0
        self.sheet = sheet.called(call, **now)

    def _n_pools(self):
        return sum(name not in ("trains", "clicks") for name in self.sheet.members)

    def ran(self, n_steps, seen, loop=None):
        """Write down steps that were taken, and look at the result."""
        begin, self.sheet = self.sheet.steps, self.sheet.ran(Stretch(n_steps, seen, loop))
        self.tally["steps"] += n_steps
        if isinstance(seen, iz.Result | iz.NetworkResult):
            self._look_at(seen, begin, n_steps, was_silent=loop is None)

    def _look_at(self, result, begin, n_steps, *, was_silent):
        dt, end = self.sim.dt, begin + n_steps
        assert (result.start, result.stop, result.duration) == (begin * dt, end * dt, n_steps * dt)
        for name, part in parts(result).items():
            self.tally["spikes"] += int(part.counts.sum())
            assert part.spikes_per_step.shape == (n_steps,)
            assert part.spikes_per_step.sum() == part.counts.sum()
            if was_silent and not part.is_source:
                assert not part.counts[(self.sim[name] if name else self.sim).silenced].any()
            for variable, trace in part.traces.items():
                self._look_at_trace(part.times(variable), len(trace), begin, end)
            try:
                spikes = part.spikes
            except RuntimeError:  # counts alone were kept
                continue
            assert len(spikes.i) <= part.counts.sum()
            assert (np.diff(spikes.t) >= 0).all()
            assert ((spikes.t >= begin * dt) & (spikes.t <= end * dt)).all()
            assert (np.bincount(spikes.i, minlength=part.size) <= part.counts).all()

    def _look_at_trace(self, times, n_rows, begin, end):
        steps = np.round(times / self.sim.dt).astype(int)
        assert len(steps) == n_rows
        if len(steps) > 1:
            (every,) = {*np.diff(steps).tolist()}
            assert steps.tolist() == [step for step in range(begin + 1, end + 1) if step % every == 0]
        assert all(begin < step <= end for step in steps)

    def go(self, run, n_steps, loop=None, ending=()):
        """Run, and write it down however it ends; returns the result."""
        if self.is_over:
            return None
        before = self.sheet.steps
        try:
            result = run(self.sim)
        except ending as error:
            result = error.result
            self.is_over = not is_finite(self.sim)  # it was stopped before it could tell
            self.tally[f"ended by {type(error).__name__}"] += 1
        except iz.SimulationError as error:
            if not isinstance(error.__cause__, EndedError):
                self.is_over = True  # what it is, and at which step, is another test's
                self.tally["not finite"] += 1
                return None
            self.tally["a function of time failed"] += 1
            result = error.result
        done = steps_done(self.sim) - before
        assert 0 <= done <= n_steps
        self.ran(done, result, loop)
        return result

    def made_in_loop(self, loop, made):
        """Write down what the calls of a closed loop have changed besides."""
        if made and made[-1] == self.sheet.steps:  # before a step that could not be taken
            self.sheet = replace(self.sheet, story=(*self.sheet.story, loop))
        if loop.action is drawn.connect:
            self.sheet = replace(
                self.sheet, projections=(*self.sheet.projections, *(self._new() for _ in made))
            )

    def _new(self):
        self.tally["connected"] += 1
        return self.tally["connected"]

    def look_at_lasts(self, lasts, result):
        """Results since the last call follow one another, and have no spike that the whole has not."""
        if not lasts:
            return
        assert lasts[0].start == result.start
        assert all(one.stop == other.start for one, other in itertools.pairwise(lasts))
        total = sum(one.counts for one in lasts)
        assert (total <= result.counts).all()
        if lasts[-1].stop == result.stop:
            np.testing.assert_array_equal(total, result.counts)

    def may_go_back_to(self, kept):
        """Whether that is stored of this one, and no pool and no connection came or went since."""
        then, now = kept.sheet, self.sheet
        return kept.one is self and (then.members, then.projections) == (now.members, now.projections)

    def went_back_to(self, kept):
        """Write down that it is as it was."""
        self.sheet, self.is_over = kept.sheet, kept.is_over

    def check(self):
        """What must be true at any time."""
        sim, sheet = self.sim, self.sheet
        if self.is_over:
            return
        assert sim.t == sheet.steps * sim.dt
        assert len(sim.synapses) == len(sheet.projections)
        if isinstance(sim, iz.Network):
            assert {*sim.pools, *sim.sources} == {*sheet.members}


class Kept:
    """What was stored, or saved, and what it was then."""

    def __init__(self, one, what, sheet=None):
        self.what = what
        self.take(one, sheet)

    def take(self, one, sheet=None):
        """It is of this one now."""
        self.one, self.sheet, self.bits, self.is_over = one, sheet or one.sheet, bits(one.sim), one.is_over

    def __repr__(self):
        return f"<{self.what}>"


class Sequences(RuleBasedStateMachine):
    """Pools and networks, several at once, that have nothing to do with one another."""

    ones, stored, files = Bundle("ones"), Bundle("stored"), Bundle("files")
    tally: ClassVar[Counter] = Counter()

    def __init__(self):
        super().__init__()
        self.handled = sys.exc_info()[1]  # by who runs this; other tests may leave one
        self.all = []
        self.folder = tempfile.TemporaryDirectory()

    def took_up(self, one):
        self.all.append(one)
        return one

    def new_path(self):
        self.tally["saved"] += 1
        return Path(self.folder.name) / f"{self.tally['saved']}.izhi"

    @initialize(
        target=ones, make=st.sampled_from([drawn.begin, drawn.begin_alone]), first=SEEDS, twin=SEEDS,
        connections=st.lists(SEEDS, max_size=4),
    )  # fmt: skip
    def begin(self, make, first, twin, connections):
        beginning = Beginning(make, first, twin)
        sim = beginning.first()
        members = (*sim.pools, *sim.sources) if isinstance(sim, iz.Network) else ()
        one = self.took_up(One(sim, beginning, Sheet(members=members), self.tally))
        for number in connections:
            one.call(drawn.connect, number)
        return one

    @invariant()
    def what_must_be_true_at_any_time(self):
        for one in self.all:
            one.check()

    # What changes something

    @rule(one=ones, seed=SEEDS)
    def connect(self, one, seed):
        one.call(drawn.connect, seed)

    @rule(one=ones, calls=st.lists(st.tuples(st.sampled_from(ACTIONS), SEEDS), min_size=1, max_size=3))
    def change(self, one, calls):
        for action, number in calls:
            one.call(action, number)

    # Time

    @rule(one=ones, n_steps=STEPS, way=st.sampled_from(WAYS))
    def run(self, one, n_steps, way):
        one.go(lambda sim: way(sim, n_steps), n_steps)

    @rule(
        one=ones,
        lengths=st.lists(STEPS, min_size=1, max_size=3),
        way=st.sampled_from(WAYS),
        at=st.none() | OPCODES,
    )
    def run_to_a_file(self, one, lengths, way, at):
        """Runs that record to a file have the results of those in memory, also when one is interrupted."""
        path, results = self.new_path().with_suffix(".h5"), []
        inside.record_to(one.sim, path)
        if at is not None:
            self.interrupt_a_run(one, lengths[0], at, FILES, Injected)
            if not one.is_over and path.exists() and iz.open_results(path).stop < one.sim.t:
                path.unlink()  # it was interrupted before the run, or when there was no step of it
        ran = (one.go(lambda sim, n=n: way(sim, n), n) for n in lengths if not one.is_over)
        results.extend(ran)
        inside.record_to(one.sim, None)
        if results and not one.is_over:
            self.tally["recorded to a file"] += 1
            found = iz.open_results(path)
            assert found.stop == one.sim.t
            if at is None:
                drawn.assert_same_run(sum(results), found)

    @rule(one=ones, n_times=st.integers(1, 3))
    def update(self, one, n_times):
        for _ in range(n_times):
            before = one.sheet.steps
            found = one.go(lambda sim: sim.update(), 1)
            assert one.is_over or found is not None
            if one.sheet.steps == before or one.is_over:  # a function of time fails here
                return

    @rule(
        one=ones, n_steps=STEPS, every=st.integers(1, 25), action=st.sampled_from(IN_LOOPS), seed=SEEDS,
        stop=st.none() | st.integers(0, 60), ending=st.sampled_from([None, EndedError, KeyboardInterrupt, SystemExit]),
        takes_last=st.booleans(),
    )  # fmt: skip
    def loop(self, one, n_steps, every, action, seed, stop, ending, takes_last):
        """A closed loop, that may end by ``stop``, or by what its function raises."""
        loop, begin, lasts = Loop(action, seed, every), one.sheet.steps, []
        due = [step for step in range(begin, begin + n_steps) if step % every == 0]
        last_due = [step for step in due if stop is not None and step >= begin + stop][:1]
        end = (last_due or [begin + n_steps])[0]
        made = []

        def function(sim):
            if [steps_done(sim)] != last_due:
                made.append(loop.make(sim))
                return made[-1]
            if ending:
                raise ending
            return sim.stop()

        def with_last(sim, last):
            lasts.append(last)
            return function(sim)

        calls = {every * one.sim.dt: with_last if takes_last else function}
        result = one.go(
            lambda sim: sim.run(n_steps * sim.dt, every=calls),
            n_steps,
            loop,
            (EndedError, KeyboardInterrupt, SystemExit),
        )
        one.made_in_loop(loop, made)
        if one.is_over:
            return
        stands = one.sheet.steps
        assert stands == end or result.stop == stands * one.sim.dt < end * one.sim.dt
        assert made == [step for step in due if step < stands or (step == stands < end)]
        returned = result.returned[every * one.sim.dt]
        assert returned.values == made
        assert returned.t.tolist() == [step * one.sim.dt for step in made]
        one.look_at_lasts(lasts, result)

    @rule(
        one=ones,
        n_steps=STEPS,
        at=OPCODES,
        files=TRACED,
        error=st.sampled_from([Injected, KeyboardInterrupt]),
    )
    def interrupt_a_run(self, one, n_steps, at, files, error):
        """At any bytecode: it stands after whole steps, of which the result tells."""

        def run(sim):
            outcome = inject(lambda: sim.step(n_steps), at=at, error=error, files=files)
            self.tally["runs interrupted"] += isinstance(outcome.left, error)
            if isinstance(outcome.left, error):
                outcome.left.result = getattr(outcome.left, "result", None)
            if outcome.left is not None:
                raise outcome.left
            return outcome.value

        before = one.sheet.steps
        if one.go(run, n_steps, ending=error) is None and not one.is_over:
            # It had not begun, or had returned, or raised that a function of time has failed.
            assert one.sheet.steps - before in (0, n_steps) or is_where_it_fails(one)

    @rule(one=ones, action=st.sampled_from(AT_ONCE), seed=SEEDS, at=OPCODES)
    def interrupt_a_change(self, one, action, seed, at):
        """At any bytecode: it is made, or is not."""
        if one.is_over:
            return
        call, before, other = Call(action, seed), bits(one.sim), copy.deepcopy(one.sim)
        call.make(other)
        outcome = inject(lambda: call.make(one.sim), at=at)
        now, after = bits(one.sim), bits(other)
        if now == after:
            one.called(call)
        else:
            assert isinstance(outcome.left, Injected)
            assert differing(now, before) == []
            self.tally["changes interrupted"] += 1

    # What keeps and goes back

    @rule(target=files, one=ones)
    def save(self, one):
        kept = Kept(one, self.new_path())
        self.save_to(one, kept)
        return kept

    def save_to(self, one, kept):
        self.tally["saved with spikes under way"] += any("/spikes/" in path for path in bits(one.sim))
        one.sim.save(kept.what)
        assert differing(kept.bits, one.sim) == []

    @rule(one=ones, file=files)
    def save_over(self, one, file):
        file.take(one)
        self.save_to(one, file)

    @rule(one=ones, file=files, at=OPCODES)
    def interrupt_a_save(self, one, file, at):
        """At any bytecode: the file is the old one, or the new one."""
        before = bits(one.sim)
        inject(lambda: one.sim.save(file.what), at=at)
        assert differing(before, one.sim) == []
        there = bits(iz.load(file.what))
        if there != file.bits:
            file.take(one)
        assert there == file.bits

    @rule(target=ones, file=files, threads=st.integers(1, 3))
    def load(self, file, threads):
        sim = iz.load(file.what, threads=threads)
        assert sim.threads == threads
        assert differing(file.bits, sim) == []
        return self.took_up(One(sim, file.one.beginning, file.sheet, self.tally, is_over=file.is_over))

    @rule(file=files, share=st.floats(0, 0.999))
    def load_half_a_file(self, file, share):
        whole = file.what.read_bytes()
        part = file.what.with_name("part.izhi")
        part.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ValueError, match=r"part\.izhi"):
            iz.load(part)

    @rule(target=ones, one=ones)
    def copy(self, one):
        before = bits(one.sim)
        other = copy.deepcopy(one.sim)
        assert differing(before, other) == differing(before, one.sim) == []
        return self.took_up(one.also(other))

    @rule(target=stored, one=ones)
    def store(self, one):
        kept = Kept(one, one.sim.store())
        assert differing(kept.bits, one.sim) == []
        return kept

    @rule(one=ones, kept=stored)
    def restore(self, one, kept):
        """Into the one that it was stored by, unless pools or connections came or went."""
        if one.may_go_back_to(kept):
            one.sim.restore(kept.what)
            one.went_back_to(kept)
            self.tally["restored"] += 1
            assert differing(kept.bits, one.sim) == []
            return
        before = bits(one.sim)
        with pytest.raises(ValueError, match="restore: "):
            one.sim.restore(kept.what)
        assert differing(before, one.sim) == []

    @rule(one=ones, calls=st.lists(st.tuples(st.sampled_from(SET), SEEDS), max_size=4), n_steps=STEPS)
    def go_away_and_back(self, one, calls, n_steps):
        kept = Kept(one, one.sim.store())
        self.change(one, calls)
        self.run(one, n_steps, WAYS[0])
        self.restore(one, kept)

    @rule(one=ones, kept=stored, at=OPCODES)
    def interrupt_a_restore(self, one, kept, at):
        """At any bytecode: all of it is as it was, or nothing."""
        if not one.may_go_back_to(kept):
            return
        before = bits(one.sim)
        inject(lambda: one.sim.restore(kept.what), at=at)
        if bits(one.sim) == kept.bits:
            one.went_back_to(kept)
        else:
            assert differing(before, one.sim) == []

    @rule(target=files, one=ones, n_steps=STEPS, after=STEPS)
    def save_in_a_run(self, one, n_steps, after):
        """By a function that the run calls; after it, where it is too short."""
        return self.keep_in_a_run(
            one, n_steps, after, lambda sim: (path := self.new_path(), sim.save(path))[0]
        )

    @rule(target=stored, one=ones, n_steps=STEPS, after=STEPS)
    def store_in_a_run(self, one, n_steps, after):
        """By a function that the run calls; after it, where it is too short."""
        return self.keep_in_a_run(one, n_steps, after, lambda sim: sim.store())

    def keep_in_a_run(self, one, n_steps, after, keep):
        kept, begin, before = [], one.sheet.steps, one.sheet

        def function(sim):
            done = steps_done(sim) - begin
            if done >= after and not kept:
                kept.append(Kept(one, keep(sim), before.ran(Stretch(done, None))))
                self.tally["kept in runs"] += 1

        one.go(lambda sim: sim.run(n_steps * sim.dt, every={3 * sim.dt: function}), n_steps)
        return kept[0] if kept else Kept(one, keep(one.sim))

    # What changes nothing

    @rule(one=ones, what=st.sampled_from([*REFUSED]))
    def refused(self, one, what):
        before = bits(one.sim)
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            with pytest.raises(ERRORS):
                REFUSED[what](one.sim, Path(folder))
            assert not [*Path(folder).iterdir()]
        assert differing(before, one.sim) == []

    @rule(one=ones)
    def look(self, one):
        before = bits(one.sim)
        str(one.sim), repr(one.sim), one.sim.nbytes, one.sim["exc"].silenced, one.sim["inh"].v
        for synapses in one.sim.synapses:
            str(synapses), synapses.to_arrays(), synapses.weights, synapses.delays
        assert differing(before, one.sim) == []

    @rule(one=ones)
    def prepare(self, one):
        before = bits(one.sim)
        one.sim.prepare()
        assert differing(before, one.sim) == []

    def teardown(self):
        """The twins: only where nothing has failed already, and hypothesis has not had enough of it."""
        try:
            if sys.exc_info()[1] is self.handled:
                for one in self.all:
                    if not one.is_over:
                        assert_like_its_twin(one.sim, one.beginning, one.sheet.story)
                    self.tally["twins"] += 1
        finally:
            self.folder.cleanup()


def drive_sequences(n, *, number=None, **options):
    """Drive so many sequences, with random numbers of their own, or always the same ones."""

    class Counted(Sequences):
        tally: ClassVar[Counter] = Counter()

    if number is not None:
        seed(number)(Counted)
    checked = settings(
        max_examples=n, stateful_step_count=12, deadline=None, derandomize=number is None,
        suppress_health_check=[*HealthCheck], database=None, **options,  # no piece repeats another's failure
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", iz.DoubtfulWarning)
        run_state_machine_as_test(Counted, settings=checked)
    return Counted.tally


def test_sequences_of_calls(all_threads, monkeypatch):
    inside.shorten_chunks(monkeypatch, 11)
    tally = drive_sequences(80)
    for what in (
        "spikes",
        "runs interrupted",
        "changes interrupted",
        "saved with spikes under way",
        "restored",
        "recorded to a file",
    ):
        assert tally[what] >= 5, (what, tally)
    assert sum(times for what, times in tally.items() if what.startswith("ended by ")) >= 5
    assert tally["twins"] > 80
    assert tally["not finite"] < tally["twins"] / 10


@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
def test_ten_thousand_sequences_of_calls(all_threads, monkeypatch, number):
    inside.shorten_chunks(monkeypatch, 11)
    drive_sequences(500, number=number)
