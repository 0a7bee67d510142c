"""The model argument of a pool: a model or class of one, and messages for what is neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from izhi_numba import models
from izhi_numba.base.names import near
from izhi_numba.models import Izhikevich, Model, Preset


def as_model(model: Any) -> Model:
    """Return a model; of a class, one with its defaults."""
    if model is None:
        return Izhikevich()
    if isinstance(model, type) and issubclass(model, Model):
        return model()
    if isinstance(model, Preset):
        raise TypeError(
            f"model: {model.name!r} is a preset; take its model, Pool(n, preset.model), and"
            " pool.set(**preset, **preset.initial)"
        )
    if isinstance(model, str):
        raise TypeError(f"model: expected a model, without quotes, got {model!r}; {_meant(model)}")
    if not isinstance(model, Model):
        raise TypeError(f"model: expected a model such as iz.Izhikevich(), got {model!r:.60}")
    return model


def _meant(name: str) -> str:
    """Say which model a name in quotes stands for."""
    kinds = [one for one in models.__all__ if isinstance(kind := getattr(models, one), type)
             and issubclass(kind, Model) and kind is not Model]  # fmt: skip
    for one in kinds:
        if one.lower() == name.lower():
            return f"write iz.{one}"
    if name in models.presets:
        return f"it is a preset, whose model is iz.presets[{name!r}].model"
    return f"there are {', '.join(f'iz.{one}' for one in kinds)}"


def refuse_swapped(call: str, n: Any) -> None:
    """Refuse a model in the place of the number of neurons."""
    if isinstance(n, Model) or (isinstance(n, type) and issubclass(n, Model)):
        kind = n.__name__ if isinstance(n, type) else type(n).__name__
        place = "iz." if kind in models.__all__ else ""
        raise TypeError(f"n: the number of neurons comes first, then the model: {call}100, {place}{kind})")


def refuse_unknown(call: str, model: Any, unknown: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse arguments that there are not; one that is the model's own is to be given to the model.

    Parameters
    ----------
    call : str
        What was called, up to the model: "Pool(n".
    model : Model, class of one, or whatever else was given for it
    unknown : mapping
    known : sequence of str
        Arguments that there are.
    """
    if not unknown:
        return
    name, value = next(iter(unknown.items()))
    told = f"{call.partition('(')[0]}: no argument {name!r}"
    kind = Izhikevich if model is None else model if isinstance(model, type) else type(model)
    if issubclass(kind, Model) and name in (*kind.states, *kind.parameters):
        kind = kind.bare or kind
        place = "iz." if kind.__name__ in models.__all__ else ""
        told += f"; it is the model's: {call}, {place}{kind.__name__}({name}={value!r:.40}))"
    else:
        told += near(name, known)
    raise TypeError(told)
