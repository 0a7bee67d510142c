"""Messages for calls whose arguments do not fit: missing, without the name that they need, or unknown."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from izhi_numba.base.names import near

P = ParamSpec("P")
R = TypeVar("R")


def called_as(example: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a public function: where its arguments do not fit, the error tells which, and an example.

    Examples
    --------
    >>> @called_as("wait(3, unit='ms')")
    ... def wait(time, *, unit): ...
    >>> wait(3, "ms")
    Traceback (most recent call last):
    TypeError: wait: takes only time without a name, got 2; unit by name, as in wait(3, unit='ms')
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                    raise  # from within
            raise TypeError(f"{_misfit(function, args, kwargs)}, as in {example}")

        return call

    return decorate


def names_of(function: Callable[..., object]) -> list[str]:
    """Names of a function's arguments, without ``self``."""
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.name != "self" and one.kind is not one.VAR_KEYWORD]


def _misfit(function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> str:
    """What does not fit in the arguments of a call."""
    parameters = inspect.signature(function).parameters
    bare = [one.name for one in parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = [one for one in parameters.values() if one.kind in (one.KEYWORD_ONLY, one.VAR_KEYWORD)]
    with_name = [
        "each value" if one.kind is one.VAR_KEYWORD else one.name
        for one in named
        if one.annotation != "Never"
    ]
    title = function.__name__
    if title == "__init__":
        title = type(args[0]).__name__
    if bare[:1] == ["self"]:
        bare, args = bare[1:], args[1:]
    if len(args) > len(bare):
        takes = f"only {', '.join(bare)}" if bare else "nothing"
        by_name = f"; {', '.join(with_name)} by name" if with_name else ""
        return f"{title}: takes {takes} without a name, got {len(args)}{by_name}"
    unknown = [name for name in kwargs if name not in parameters]
    if unknown and "each value" not in with_name:
        meant = near(unknown[0], names_of(function)).removesuffix("?")
        return f"{title}: no argument {unknown[0]!r}{meant}"
    twice = [name for name in bare[: len(args)] if name in kwargs]
    if twice:
        return f"{title}: {twice[0]} is given twice, without its name and by it"
    missing = [
        one.name for one in parameters.values()
        if one.default is one.empty and one.name not in (*kwargs, "self", *bare[: len(args)])
        and one.kind is not one.VAR_KEYWORD
    ]  # fmt: skip
    return f"{title}: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
