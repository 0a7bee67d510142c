"""From a model's plain functions and a scheme to the compiled steps of a pool."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from izhi_numba.kernels.jit import Callback
from izhi_numba.kernels.plain_python import inline_as, why_not
from izhi_numba.kernels.run import update
from izhi_numba.kernels.tuples import select, tuple_text
from izhi_numba.models.declaration import asked_names
from izhi_numba.models.model import REFRACTORY_STEPS, Model
from izhi_numba.models.uncompilable import refuse_nothing, refuse_random, refuse_to_tell
from izhi_numba.models.validation import Returns, try_out
from izhi_numba.numerics import precise
from izhi_numba.numerics.constants import constant_names, exact_name, holds_exactly
from izhi_numba.numerics.fingerprint import fingerprint
from izhi_numba.numerics.propagator import factors_of
from izhi_numba.numerics.schemes import BEGINNING, MIDDLE, MIDWAY, SCHEMES

_FUNCTIONS = ("derivatives", "advance", "threshold", "reset")
_compiled: dict[str, Callback] = {}


def compiled_update(model: Model, scheme: str, dtype: np.dtype[Any], dt: float, spike_times: str) -> Callback:
    """Return the compiled update of a model's neurons, see :func:`izhi_numba.kernels.run.update.build`.

    The same functions give the same object back, whatever the classes are called.

    Raises
    ------
    TypeError
        A function of the model that fails, or cannot be compiled; told in the model's own words.
    """
    kind = type(model)
    returns = try_out(model, dt)
    functions = [getattr(kind, name) for name in _FUNCTIONS]
    layout = (*kind.states, "/", kind.voltage, "/", *kind.parameters, "/", *constant_names(kind, scheme))
    parts = [_own_sources(), dtype.name, scheme, spike_times, *layout]
    parts += [repr((kind.refractory, kind.doubles(), returns))]
    parts += [repr((kind.jumps, kind.pulses, _exact_steps(kind, scheme)))]
    parts += [fingerprint(function) for function in (*functions, SCHEMES.get(scheme))]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    if key not in _compiled:
        refuse_random(kind)
        refuse_to_tell(kind)
        refuse_nothing(kind)
        callback = _Assembly(kind, scheme, dtype, returns).update(key, spike_times)
        try:
            callback.compile()
        except Exception as error:
            told = _in_the_users_words(kind, dtype, error)
            # The cause stays, without the hundreds of lines of its traceback.
            error.__cause__ = error.__context__ = None
            raise told from error.with_traceback(None)
        _compiled[key] = callback
    return _compiled[key]


@functools.cache
def _own_sources() -> str:
    """Hash of the files that decide how a model's functions are put together, and told from others.

    What other files decide (names of constants, exact factors, schemes, receptors' currents) is in the key
    itself.
    """
    names = ("assembly", "fingerprint", "precise")
    files = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in names]
    return hashlib.sha256(b"".join(files)).hexdigest()


def _in_the_users_words(model: type[Model], dtype: np.dtype[Any], error: Exception) -> TypeError:
    own = [(f"{model.__name__}.{name}", getattr(model, name)) for name in _FUNCTIONS]
    for name, function in model.origins or own:
        found = None if function is None else why_not(dtype, function)
        if found is not None:
            line, reason = found
            where = function.__code__.co_filename
            place = f"line {line or function.__code__.co_firstlineno} of {where}"
            return TypeError(f"{name}, {place}: cannot be compiled: {reason}")
    return TypeError(f"{model.__name__}: cannot be compiled: {error}")


def _exact_steps(model: type[Model], scheme: str) -> Any:
    """What the code of exact steps follows from."""
    if scheme == "exact":
        return factors_of(model, held=holds_exactly(model, scheme))
    return [(name, tuple(kind.states), factors_of(kind)) for name, kind in model.exact_receptors.items()]


class _Assembly:
    """A model's functions, a scheme and a refractory period, put together as functions of tuples.

    In ``x`` the voltage is first; after the variables come sums of weights, and then the steps left of the
    refractory period, if there is one. ``p`` ends with the step in double precision.
    """

    def __init__(self, model: type[Model], scheme: str, dtype: np.dtype[Any], returns: Returns) -> None:
        self.model, self.scheme, self.dtype, self.returns = model, scheme, dtype, returns
        self.inlined = functools.partial(inline_as, dtype)
        self.constants = constant_names(model, scheme)
        places = [*model.parameters, *self.constants]
        self.places = {name: f"x[{k}]" for k, name in enumerate(model.variables())}
        self.places |= {name: f"p[{k}]" for k, name in enumerate(places)}
        self.places |= {"I": "current", "t": "t", "dt": "dt"}
        self._long_step = f"p[{len(places)}]"  # the step, in double precision
        self._doubles = doubles = {*model.doubles()} if dtype == np.float32 else set()
        self.asks_for_doubles = doubles | ({"t"} if dtype == np.float32 else set())
        order = [*model.variables(), *model.hidden()]
        self.precisions = tuple(np.dtype(np.float64) if name in doubles else dtype for name in order)

    def update(self, key: str, spike_times: str) -> Callback:
        """Build the update; it is not compiled yet."""
        model = self.model
        n_parameters = len(model.parameters) + len(self.constants)
        parts = self._with_refractory_period(self._advance(), self._detect(), self._reset())
        advance, detect, reset = self._with_sums_of_weights(*parts)
        careful = self._careful(key) if spike_times == "precise" else {}
        return update.build(
            self.dtype, self.precisions, n_parameters, advance, self._jump(), detect, reset, key,
            interpolated=spike_times == "interpolated", **careful,
        )  # fmt: skip

    @property
    def _refractory_steps(self) -> int:
        """Place in ``p`` of the steps of a refractory period."""
        return len(self.model.parameters) + self.constants.index(REFRACTORY_STEPS)

    def _careful(self, key: str) -> dict[str, Any]:
        """The functions by which a neuron is reset within its step; ``key`` names them."""
        model, double = self.model, np.dtype(np.float64)
        wide = self if self.dtype == double else _Assembly(model, self.scheme, double, self.returns)
        refractory = None if model.refractory is None else self._refractory_steps
        moving = {"t", *model.variables()} - {model.voltage}
        careful = precise.careful_step(
            wide._by_position("derivatives"), wide._by_position("threshold"), wide._by_position("reset"),
            {} if self.scheme == "exact" else self._exact_receptors(), n_states=len(model.states),
            n_jumps=len(model.jumps), n_pulses=len(model.pulses), refractory_steps=refractory,
            by_voltage=moving.isdisjoint(asked_names(model.threshold)), key=key,
        )  # fmt: skip
        return {"steep": self._steep(), "careful": careful}

    def _steep(self) -> Any:
        """Function that tells whether a step is to be taken carefully, though no spike is at its end."""
        model = self.model
        k = len(model.states)
        after = k + len(model.jumps) + len(model.pulses)
        waits, linear = model.refractory is not None, self.scheme == "exact"
        derivatives, bends = self._by_position("derivatives"), self.inlined(precise.steep)
        driven = precise.sum_of("current", "x", range(k + len(model.jumps), after))

        @self.inlined
        def steep(x: Any, y: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            rate = derivatives(x[:k], driven(current, x), t, dt, p)[0]
            return bends(x, y, rate, dt) & (x[after] <= 0 if waits else True)

        @self.inlined
        def ends_waiting(x: Any, y: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return (x[after] > 0) & (x[after] < 1)

        @self.inlined
        def any_of_them(x: Any, y: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return ends_waiting(x, y, current, t, dt, p) | steep(x, y, current, t, dt, p)

        @self.inlined
        def never(x: Any, y: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return False

        if linear:
            return ends_waiting if waits else never
        return any_of_them if waits else steep

    def _by_position(self, name: str) -> Any:
        """Adapt a function that asks by name to the call ``(x, current, t, dt, p)``.

        The source of the adapter is made here, since numba has no keyword unpacking. A function that asks for
        the time, or for a variable kept in double precision, is computed in that.
        """
        model, function = self.model, getattr(self.model, name)
        in_double = not self.asks_for_doubles.isdisjoint(asked_names(function))
        inlined = functools.partial(inline_as, np.dtype(np.float64)) if in_double else self.inlined
        places = self.places | {"dt": self._long_step}
        arguments = [
            f"double({places[asked]})" if in_double else self.places[asked] for asked in asked_names(function)
        ]
        call = f"function({', '.join(arguments)})"
        if name != "threshold":
            names = self.returns.names[name]
            if names is None and len(model.states) == 1 and name not in self.returns.tuples:
                call = f"({call},)"
            order = list(model.states) if names is None else list(names)
            held = model.variables()
            items = [
                f"y[{order.index(name)}]" if name in order else f"x[{held.index(name)}]" for name in held
            ]
            if in_double:
                of_each = zip(items, self.precisions, strict=False)
                items = [f"{'double' if one == np.float64 else 'single'}({item})" for item, one in of_each]
            body = f"y = {call}; return {tuple_text(items)}"
        else:
            # Branches of a function may return one truth as a whole number: it is kept in a byte of flags.
            body = f"return bool({call})"
        namespace: dict[str, Any] = {"double": np.float64, "single": np.float32}
        namespace["function"] = inlined(function)
        exec(f"def adapted(x, current, t, dt, p): {body}", namespace)
        return self.inlined(namespace["adapted"])

    def _advance(self, *, held: bool = False) -> Any:
        """One step of a neuron; ``held``: of its other variables, while the voltage stays."""
        return self._without_remnants(self._integrate(held=held))

    def _integrate(self, *, held: bool) -> Any:
        if self.scheme == "exact":
            return self._exact(held=held)
        if self.scheme == "advance":
            return self._with_exact_receptors(self._by_position("advance"))
        integrate = self.inlined(SCHEMES[self.scheme])
        derivatives = self._by_position("derivatives")

        at_stage, known = self._at_stage(), self._known_ahead()

        @self.inlined
        def rates(x: Any, t: Any, given: Any, stage: Any = BEGINNING) -> Any:
            current, dt, p, ahead = given
            y = at_stage(x, ahead, stage)
            if held:
                return (0.0,) + derivatives(y, current, t, dt, p)[1:]
            return derivatives(y, current, t, dt, p)

        @self.inlined
        def advance(x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return integrate(rates, x, t, dt, (current, dt, p, known(x, current, p)))

        return self._with_exact_receptors(
            self._in_double(integrate, rates, known) if self._doubles else advance
        )

    def _exact_receptors(self, *, middle: bool = False) -> dict[int, str]:
        """Formulas of receptors' exact values at the end of a step, or in its middle, by place."""
        found = {}
        for name, kind in self.model.exact_receptors.items():
            own = [self.model.variables().index(f"{state}_{name}") for state in kind.states]
            numbers = iter(factors_of(kind).free)
            for k in own:
                terms = [*(f" * x[{j}]" for j in own), " * current", ""]
                found[k] = " + ".join(
                    self.places[exact_name(name, number, middle=middle)] + term
                    for term, number in zip(terms, numbers, strict=False)
                    if number is not None
                )
        return found

    def _known_ahead(self) -> Any:
        """Function of a neuron that tells exact values of receptors in the middle and at the end of its step.

        The middle's are the end's where the scheme does not ask for them.
        """
        ends = self._exact_receptors()
        middles = self._exact_receptors(middle=True) if self.scheme in MIDWAY else ends
        namespace: dict[str, Any] = {}
        items = tuple_text([*middles.values(), *ends.values()])
        exec(f"def known(x, current, p): return {items}", namespace)
        return self.inlined(namespace["known"])

    def _at_stage(self) -> Any:
        """Function that replaces what a scheme makes of receptors at a stage by what is known ahead."""
        places = list(self._exact_receptors())
        items = [f"x[{k}]" for k in range(len(self.model.states))]
        for number, k in enumerate(places):
            middle, end = f"ahead[{number}]", f"ahead[{number + len(places)}]"
            items[k] = f"x[{k}] if stage == {BEGINNING} else {middle} if stage == {MIDDLE} else {end}"
        namespace: dict[str, Any] = {}
        exec(f"def at_stage(x, ahead, stage): return {tuple_text(items)}", namespace)
        return self.inlined(namespace["at_stage"])

    def _in_double(self, integrate: Any, rates: Any, known: Any) -> Any:
        """A step whose length is a double: a variable that grows with time would leave it by 1 in 10^8."""
        of_each = zip(range(len(self.model.variables())), self.precisions, strict=False)
        items = [f"{'double' if one == np.float64 else 'single'}(y[{k}])" for k, one in of_each]
        call = f"integrate(rates, x, t, {self._long_step}, (current, dt, p, known(x, current, p)))"
        body = f"y = {call}; return {tuple_text(items)}"
        namespace: dict[str, Any] = {"double": np.float64, "single": np.float32}
        namespace |= {"integrate": integrate, "rates": rates, "known": known}
        exec(f"def advance(x, current, t, dt, p): {body}", namespace)
        return self.inlined(namespace["advance"])

    def _exact(self, *, held: bool) -> Any:
        """Exact step of a linear model."""
        factors = factors_of(self.model, held=holds_exactly(self.model, self.scheme))
        numbers = factors.held if held else factors.free
        items = ["None" if one is None else self.places[exact_name("", one)] for one in numbers]
        namespace: dict[str, Any] = {"integrate": self.inlined(SCHEMES["exact"])}
        exec(
            f"def advance(x, current, t, dt, p): return integrate(x, current, {tuple_text(items)})", namespace
        )
        return self.inlined(namespace["advance"])

    def _with_exact_receptors(self, advance: Any) -> Any:
        """Replace what the scheme made of receptors' variables by their exact values.

        The compiler leaves out what the scheme would compute for nothing.
        """
        if not self.model.exact_receptors:
            return advance
        exact = self._exact_receptors()
        items = [exact.get(k, f"y[{k}]") for k in range(len(self.model.states))]
        namespace: dict[str, Any] = {"integrate": advance}
        exec(
            "def advance(x, current, t, dt, p):\n"
            f"    y = integrate(x, current, t, dt, p)\n    return {tuple_text(items)}",
            namespace,
        )
        return self.inlined(namespace["advance"])

    def _without_remnants(self, advance: Any) -> Any:
        """Let receptors that have decayed to nothing be 0.

        Denormal numbers would come next, after 90 time constants of silence in single precision: with them
        a step took 15 to 20 % longer on an AMD EPYC, and takes far longer where a processor traps them.
        This costs up to 5 % in double precision, and nothing that could be measured in single.
        """
        model = self.model
        if model.bare is None:
            return advance
        least = self.dtype.type(1e-30 if self.dtype == np.float32 else 1e-290)

        @self.inlined
        def rounded(x: Any) -> Any:
            return x if abs(x) > least else 0.0

        items = [
            f"y[{k}]" if name in model.bare.states else f"rounded(y[{k}])"
            for k, name in enumerate(model.variables())
        ]
        namespace: dict[str, Any] = {"integrate": advance, "rounded": rounded}
        exec(
            "def advance(x, current, t, dt, p):\n"
            f"    y = integrate(x, current, t, dt, p)\n    return {tuple_text(items)}",
            namespace,
        )
        return self.inlined(namespace["advance"])

    def _detect(self) -> Any:
        threshold = self._by_position("threshold")

        @self.inlined
        def above(before: Any, x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return threshold(x, current, t, dt, p)

        @self.inlined
        def gets_above(before: Any, x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return threshold(x, current, t, dt, p) and not threshold(before, current, t, dt, p)

        return above if self.model.reset else gets_above

    def _reset(self) -> Any:
        if self.model.reset:
            return self._by_position("reset")

        @self.inlined
        def unchanged(x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return x

        return unchanged

    def _with_refractory_period(self, advance: Any, detect: Any, reset: Any) -> tuple[Any, Any, Any]:
        """Hold the voltage, and let nothing spike, while steps are left in the last variable."""
        model = self.model
        if model.refractory is None:
            return advance, detect, reset
        k = len(model.states)
        steps = self._refractory_steps
        holds = model.reset is not None
        others_alone = advance if k == 1 or self.scheme == "advance" else self._advance(held=True)

        @self.inlined
        def wait(x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            y = advance(x[:k], current, t, dt, p)
            free = x[k] <= 0
            left = x[k] - 1.0
            if holds:
                held = x[:1] + others_alone(x[:k], current, t, dt, p)[1:]
                y = select(free, y, held)
            return y + (x[k] if free else left,)

        @self.inlined
        def detect_when_free(before: Any, x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return detect(before[:k], x[:k], current, t, dt, p) and before[k] <= 0

        @self.inlined
        def begin(x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return reset(x[:k], current, t, dt, p) + (p[steps],)

        return wait, detect_when_free, begin

    def _with_sums_of_weights(self, advance: Any, detect: Any, reset: Any) -> tuple[Any, Any, Any]:
        """Add the weights of a step to the input, and empty the sums of weights."""
        model = self.model
        jumps, pulses = len(model.jumps), len(model.pulses)
        if jumps + pulses == 0:
            return advance, detect, reset
        k = len(model.states)
        after = k + jumps + pulses
        pulse = " + ".join(["current", *(f"x[{j}]" for j in range(k + jumps, after))])
        namespace: dict[str, Any] = {}
        exec(f"def driven(x, current): return {pulse}", namespace)
        driven = self.inlined(namespace["driven"])
        empty = (self.dtype.type(0),) * (jumps + pulses)

        @self.inlined
        def bare(x: Any) -> Any:
            return x[:k] + x[after:]

        @self.inlined
        def advance_with_sums(x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            y = advance(bare(x), driven(x, current), t, dt, p)
            return y[:k] + empty + y[k:]

        @self.inlined
        def detect_alone(before: Any, x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            return detect(bare(before), bare(x), current, t, dt, p)

        @self.inlined
        def reset_alone(x: Any, current: Any, t: Any, dt: Any, p: Any) -> Any:
            y = reset(bare(x), current, t, dt, p)
            return y[:k] + empty + y[k:]

        return advance_with_sums, detect_alone, reset_alone

    def _jump(self) -> Any:
        """Add the jumps of a step to the voltage that was integrated; where it is held, they are lost."""
        model = self.model
        k, jumps = len(model.states), len(model.jumps)
        after = k + jumps + len(model.pulses)
        waits = model.refractory is not None and model.reset is not None
        jumped = " + ".join(["x[0]", *(f"before[{j}]" for j in range(k, k + jumps))])
        namespace: dict[str, Any] = {}
        exec(f"def jumped(before, x): return {jumped}", namespace)
        inner = self.inlined(namespace["jumped"])

        @self.inlined
        def jump(before: Any, x: Any) -> Any:
            return (x[0] if waits and before[after] > 0 else inner(before, x),) + x[1:]

        @self.inlined
        def nothing(before: Any, x: Any) -> Any:
            return x

        return jump if jumps else nothing
