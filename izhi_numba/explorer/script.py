"""The neuron that the explorer shows as a Python script that gives the same spikes."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

from izhi_numba.explorer.settings import Settings
from izhi_numba.inputs.terms import Input
from izhi_numba.models import Model

_TAIL = re.compile(r"\.\d{6}")  # of a published step, which begins right after a round number: 15.000001


def script(settings: Settings) -> str:
    """Return the text of the script."""
    lines, model = _imports(settings.kind)
    arguments = [model, _current(settings), _number(settings.duration)]
    arguments += [f"dt={_number(settings.dt)}", f'scheme="{settings.scheme}"']
    if settings.spike_times != "grid":
        arguments.append(f'spike_times="{settings.spike_times}"')
    arguments.append(f"seed={settings.seed}")
    arguments += [f"{name}={_number(value)}" for name, value in (settings.values | settings.start).items()]
    title = f"# {settings.preset}\n" if settings.preset else ""
    listed = "".join(f"    {argument},\n" for argument in arguments)  # the page's panel is narrow
    return (
        f"{lines}\n{title}result = iz.simulate(\n{listed})\n"
        'print(len(result.spike_times))\nresult.plot().savefig("neuron.png")\n'
    )


def _imports(kind: type[Model]) -> tuple[str, str]:
    """Lines that import the package and the model, and the model's name in them."""
    if kind.__module__.startswith("izhi_numba."):
        return "import izhi_numba as iz\n", f"iz.{kind.__name__}"
    path = getattr(kind, "explored_file", "")
    if path:
        return import_of_file(Path(path), kind.__name__), kind.__name__
    if kind.__module__ == "__main__":
        return f"import izhi_numba as iz\n\n# {kind.__name__} is the model of this notebook\n", kind.__name__
    return f"import izhi_numba as iz\nfrom {kind.__module__} import {kind.__name__}\n", kind.__name__


def import_of_file(path: Path, name: str) -> str:
    """Lines that import the package, and something from a file, whatever the file is called."""
    place = f"sys.path.insert(0, {str(path.parent)!r})\n"
    stem = path.stem
    if (
        stem.isidentifier()
        and not keyword.iskeyword(stem)
        and stem not in {*sys.modules, *sys.stdlib_module_names}
    ):
        return f"import sys\n\nimport izhi_numba as iz\n\n{place}from {stem} import {name}  # noqa: E402\n"
    return (
        f"import importlib.util\nimport sys\n\nimport izhi_numba as iz\n\n{place}"
        f'spec = importlib.util.spec_from_file_location("explored", {str(path)!r})\n'
        'explored = sys.modules["explored"] = importlib.util.module_from_spec(spec)\n'
        f"spec.loader.exec_module(explored)\n{name} = explored.{name}\n"
    )


def _current(settings: Settings) -> str:
    parts = _terms(settings.shape)
    if settings.published and _TAIL.search(" ".join(parts)):
        parts = [f'iz.presets["{settings.preset}"].current']
    return "\n    + ".join([*parts, *_terms(settings.pulses)]) or "0.0"


def _terms(current: Input) -> list[str]:
    return [f"iz.{term!r}" for term in current.terms]


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
