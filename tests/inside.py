"""What tests look at inside the package, behind its public names: all of it is here.

When the inside changes, this file follows; `tests/house/test_inside.py` keeps other tests from reaching in.
"""

from dataclasses import replace
from types import SimpleNamespace

import numba
import numpy as np
import psutil

from izhi_numba.base import checks, cores
from izhi_numba.engine import learning as learning_of_engine
from izhi_numba.engine import neurons as neurons_of_engine
from izhi_numba.engine import run as run_of_engine
from izhi_numba.engine.learning import Learned
from izhi_numba.kernels import cache, compiler, jit, team
from izhi_numba.kernels.run import fading, poisson
from izhi_numba.kernels.run.log import USED
from izhi_numba.network.inventory import inventory
from izhi_numba.results import activity, packing, stream, streamed
from izhi_numba.results.recorder import Keeping
from izhi_numba.synapses import listing as listings
from izhi_numba.synapses.ways import Sums

# Pools and networks


def engine(simulation):
    """The engine of a pool alone, or of a network."""
    return simulation._engine


def turn(simulation):
    """The turn to change or run a pool or network: ``with turn(pool):`` refuses it to others."""
    return engine(simulation).changes


def set_clock(simulation, steps):
    """Let a pool or network that has not run yet have done so many steps."""
    engine(simulation).setting.clock[:] = steps


def population(neurons):
    """The population that a pool, group or sources are of."""
    return neurons._population


def arrays(pool):
    """Arrays of a pool by name: variables, parameters, and variables that users do not see."""
    return population(pool).arrays | population(pool).hidden


def wishes(pool):
    """What a pool, or sources, are asked to keep in each run."""
    return pool._wishes


def members(net):
    """Pools and sources of a network by name, in their order."""
    return net._members


def part(simulation, name, which):
    """The neurons that an argument of this name means."""
    return simulation._part(name, which)


def wired(pool):
    """A population as the compiled steps see it; it has to be prepared."""
    return engine(pool)._wiring.wired[population(pool).number]


def setup(net):
    """What is kept of the pools of a network in its last call, and where."""
    return engine(net)._wiring._setup


def held(pool):
    """Arrays that the record of a pool points to, which it keeps alive."""
    return wired(pool).record._held


def samples_of(pool):
    """Samples by time and neuron that drive a pool, each (n_samples, n_columns)."""
    rows = population(pool).stimulus._kinds[0].placed
    return [placed.samples for placed in rows if placed]


def resting(pool):
    """How many groups of neurons rested after the last look of the last call."""
    return int(held(pool)["rest"][:, 0].sum())


def history_bytes(pool):
    """Bytes of a pool's history of spikes."""
    return wired(pool).history.nbytes


def ring(pool, receptor=""):
    """Sums of weights that are to arrive at a receptor, or at the input, within a few steps: (slots, size)."""
    return wired(pool).rings[Sums(receptor)]


def sums_alone(pool):
    """Sums of what arrives that are of one projection alone."""
    return [sums for sums in wired(pool).rings if sums.alone is not None]


def count_emptied(net):
    """Names of pools whose sums of weights are emptied from now on, in a list that grows."""
    emptied = []
    for one in engine(net)._wiring.wired:
        name, empty = one.population.name, one.empty_rings
        one.empty_rings = lambda name=name, empty=empty: (emptied.append(name), empty())
    return emptied


def bytes_without_synapses(pool):
    """Bytes of a pool without the synapses onto it."""
    return engine(pool).units_nbytes(population(pool).number)


def n_shared_tiles(pool):
    """Tiles full of one number, which parameters share."""
    return len(wired(pool).table.tiles)


def constants(pool):
    """Bytes of what follows from the parameters of a pool, by name."""
    return {name: values.tobytes() for name, values in population(pool).constants.items()}


def count_constants(monkeypatch, asked):
    """Have each computation of constants noted."""
    compute = neurons_of_engine.constants

    def noted(*given, **options):
        asked.append(given)
        return compute(*given, **options)

    monkeypatch.setattr(neurons_of_engine, "constants", noted)


def count_parted(result):
    """How many populations of a network's result have been parted from the others."""
    return sum(part._recording._source is None for part in result._parts.values())


def lie_about_recent(monkeypatch, simulation, change):
    """Let checkpoints say other things of what targets of synapses were in the last steps."""
    its = engine(simulation)
    true = its.remembered

    def told():
        found = true()
        return found | {"recent": [[change(one) for one in each] for each in found["recent"]]}

    monkeypatch.setattr(its, "remembered", told)


def shorten_chunks(monkeypatch, n_steps):
    """Let runs look at the state, the clock and Ctrl-C after at most so many steps."""
    monkeypatch.setattr(run_of_engine, "_FIRST_CHUNK", n_steps)
    monkeypatch.setattr(run_of_engine, "_LONGEST_CHUNK", n_steps)


def forget_quota():
    """Have the quota of control groups read once more."""
    cores._quota_of_groups.cache_clear()


def threads_of(choice):
    """Threads that a choice has to choose from."""
    return choice._threads


# Synapses


def projection(synapses):
    """The projection behind what ``connect`` returned."""
    return synapses._projection


def plan(synapses):
    """What was asked for, checked."""
    return projection(synapses).plan


def draw(synapses):
    """Draw a projection for good, with all others of its pool or network."""
    projection(synapses).settle()


def store(synapses):
    """Where synapses lie, with those of other projections perhaps; None where they are not drawn."""
    place = projection(synapses).place
    return None if place is None else place.store


def n_stores(several):
    """Number of different stores that several projections have."""
    return len({id(store(synapses)) for synapses in several})


def is_weighted(synapses):
    """Whether synapses that are drawn have weights of their own, and not one for all."""
    return store(synapses).contents.weighted


def factor(synapses):
    """The factor on the weights of a store, after a gain has acted as it does before the next step."""
    projection(synapses).apply_gain()
    return store(synapses).factor[0]


def pieces(synapses):
    """Parts of the store of synapses, one for each block of targets."""
    return store(synapses).contents.pieces


def listing(synapses):
    """The list of synapses that are drawn, weights as they lie."""
    return listings.listing(*projection(synapses).place)


def sites(synapses):
    """What blocks hold of synapses that learn."""
    one = projection(synapses)
    return one.owner.sites(one.number)


def ends(synapses):
    """Places of source and target among the populations of a network."""
    return projection(synapses).source, projection(synapses).target


def random_of(net, synapses):
    """The key of random numbers of the targets, and the number of a projection."""
    one = projection(synapses)
    return engine(net).populations[one.target].keys.noise.tolist(), one.number


def cells(rule):
    """Cells into which a rule of distances cuts space."""
    return rule._cells()


# Kernels

CAME, STATE, LOCK, IDLE = team._CAME, team._STATE, team._LOCK, team._IDLE  # places and states of helpers
GONE, TAKEN_BACK = team._GONE, team._TAKEN_BACK


def crew():
    """The helping threads of this process."""
    return team._crew


count_equal = poisson._count_equal
count_unequal = poisson._count_unequal

# Compilation

LONG = jit._LONG


def stopwatch():
    """What listens to compilations, as it is at the beginning."""
    return jit._Stopwatch()


def forget_cache():
    """Let the folder of compiled code be looked for again, and what was said of it be said again."""
    cache._told.clear()
    cache._first_usable.cache_clear()


def load_again(compiled):
    """Whether the disk cache has the code of a kernel that takes a double."""
    return compiled._cache.load_overload((numba.float64,), compiled.targetctx) is not None


def keep(compiled, function, sources):
    """Have the code of a function be kept as that of other sources."""
    compiled._cache = cache.Cache(function, sources, "")


keep_block = cache._write
PASSES_IN_VAIN = compiler._NAMES_IN_VAIN


# The inventory of state


def stimulus_parts(stimulus):
    """The tables of a stimulus, as the inventory lists them."""
    return [stimulus, *stimulus._kinds, stimulus._processes, stimulus._trains]


def take_over(simulation, found):
    """Write what an inventory lists into a pool or network that was built by the same lines."""
    machine = engine(simulation)
    for one in machine.populations:
        one.keep_start()
    machine.setting.clock[:] = found["engine/setting/clock"]
    now = inventory(simulation)
    for path, value in found.items():
        if isinstance(value, np.ndarray) and path in now and "/spikes/" not in path:
            now[path].setflags(write=True)  # what inputs hold, too
            now[path][...] = value
    for wired in machine._wiring.wired:
        history, number = wired.history, wired.population.number
        history.counts[:] = 0
        for path, units in found.items():
            parts = path.split("/")
            if (
                parts[:3] != ["engine", "populations", str(number)]
                or parts[3:4] != ["spikes"]
                or parts[5] != "units"
            ):
                continue
            slot = int(parts[4]) % len(history.spikes)
            when = found["/".join([*parts[:5], "times"])]
            ends = np.searchsorted(units, history.bounds)
            history.counts[slot] = np.diff(ends)
            for first, begin, end in zip(history.bounds[:-1], ends[:-1], ends[1:], strict=True):
                history.spikes[slot, first : first + end - begin] = units[begin:end]
                if len(when):
                    history.crossings[slot, first : first + end - begin] = when[begin:end]
        wired.empty_rings()


# What runs record


def recording(result):
    """The record that a result is made of."""
    return result._recording


def is_read(result):
    """Whether a result is read from a file."""
    return result._is_read


def n_steps(result):
    """Steps of a result."""
    return result._n_steps


def n_spikes(result):
    """Number of spikes of a result, without reading them."""
    return result._n_spikes


def between(result, first, last):
    """Spikes of some steps of a result."""
    return result._between(first, last)


def check_record(record):
    """Refuse what cannot be the record of a run, as it is done when a file is loaded."""
    packing._check(record)


def without_bins(record):
    """A record whose counts in bins are lost."""
    record._pieces = record.pieces._replace(bins=None)
    return record


def read_in_pieces(monkeypatch, *, spikes, portion):
    """Let results be read from files so many spikes at once, and neurons with so many spikes be sorted at once."""
    for module in (activity, streamed):
        monkeypatch.setattr(module, "_BLOCK", spikes)
    monkeypatch.setattr(activity, "_PORTION", portion)


def write_at_once(monkeypatch):
    """Let runs write to files after each call of the compiled steps."""
    monkeypatch.setattr(stream, "_INTERVAL", 0.0)


def without_memory(monkeypatch):
    """Let nothing fit in memory."""
    monkeypatch.setattr(checks, "_ALWAYS_FREE", 0)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10))


def in_bins(result):
    """Counts of a result in bins, those at its ends in parts; none where there are none."""
    return np.zeros((0, 0)) if recording(result).bins is None else recording(result).pieces.bins


def record_to(simulation, path):
    """Let runs record to a file, or in memory, what they record."""
    engine(simulation).keeping = Keeping(None if path is None else str(path))
    engine(simulation).is_loaded = False


# Weights that runs record


def rows_of_weights(weights):
    """Rows of recorded weights that were not put together yet."""
    return weights._kept._rows


def rows_held(simulation):
    """A function that tells how many rows of weights the last run holds that begins after this."""
    machine, growing = engine(simulation), []
    weighing = machine.weighing

    def noted(recorder):
        found = weighing(recorder)
        growing[:] = recorder.weights
        return found

    machine.weighing = noted
    return lambda: sum(len(one._rows) for one in growing)


def write_weights_at_once(monkeypatch, *, most):
    """Let runs write to files when they hold more weights than so many, and never else."""
    monkeypatch.setattr(stream, "_INTERVAL", 1e9)
    monkeypatch.setattr(stream, "_BEFORE_CALL", 1e9)
    monkeypatch.setattr(stream, "_MOST_WEIGHTS", most)


def wish_otherwise(simulation, **wrong):
    """Let what is wished of the first weights be what nobody could ask for."""
    machine = engine(simulation)
    machine.weighed = (replace(machine.weighed[0], **wrong), *machine.weighed[1:])


def save_weights_of_fewer(monkeypatch):
    """Let files of results have weights of fewer synapses than they say."""
    told = packing._weights_told

    def wrong(weights, arrays):
        found = told(weights, arrays)
        arrays["weights0.values"] = arrays["weights0.values"][:, 1:]
        return found

    monkeypatch.setattr(packing, "_weights_told", wrong)


def waiting(recorder):
    """Number of spikes that a recorder holds."""
    return sum(len(piece.spikes.array) for piece in recorder._kept.pieces)


def replace_filling_of_tables(monkeypatch, other):
    """Replace what fills the tables of synapses that learn, when a network is wired."""
    monkeypatch.setattr(Learned, "fill", other)


def older_entries(net):
    """Spikes of targets of synapses that learn in logs, beside those in place."""
    logs = [one.learned.logs for one in engine(net)._wiring.wired if one.learned]
    return sum(int(log.row[USED]) - 1 for its in logs for blocks in its.values() for log in blocks)


def what_is_left(rate, lacking, gap):
    """Of a trace, after some steps."""
    return fading.what_is_left(rate, lacking, gap)


def rates(tau, dt, dtype):
    """What describes the decay of a trace."""
    return fading.rates(tau, dt, dtype)


def pass_after_pass(patch, ms):
    """Have rows of synapses that learn be visited all the time, all of them within so many ms."""
    patch.setattr(learning_of_engine, "PASS", ms)
    patch.setattr(learning_of_engine, "FILLED", 0.0)


def arrays_of(clip):
    """What a clip of the explorer holds: units that have spiked, in parts."""
    return clip._units


def held_up(live):
    """Hold the thread of a network that the explorer runs, as a network that takes long does."""
    return live._run._changed
