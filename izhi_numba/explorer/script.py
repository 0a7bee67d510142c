"""The neuron that the explorer shows as a Python script that gives the same spikes."""

from __future__ import annotations

from pathlib import Path

from izhi_numba.explorer.settings import Settings
from izhi_numba.inputs.terms import Input
from izhi_numba.models import Model

_WIDTH = 88


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
    return (
        f"{lines}\n{title}result = iz.simulate(\n{_wrapped(arguments)}\n)\n"
        'print(len(result.spike_times))\nresult.plot().savefig("neuron.png")\n'
    )


def _imports(kind: type[Model]) -> tuple[str, str]:
    """Lines that import the package and the model, and the model's name in them."""
    if kind.__module__.startswith("izhi_numba."):
        return "import izhi_numba as iz\n", f"iz.{kind.__name__}"
    path = getattr(kind, "explored_file", "")
    if path:
        lines = [
            "import sys",
            "",
            "import izhi_numba as iz",
            "",
            f"sys.path.insert(0, {str(Path(path).parent)!r})",
        ]
        lines.append(f"from {Path(path).stem} import {kind.__name__}  # noqa: E402\n")
        return "\n".join(lines), kind.__name__
    if kind.__module__ == "__main__":
        return f"import izhi_numba as iz\n\n# {kind.__name__} is the model of this notebook\n", kind.__name__
    return f"import izhi_numba as iz\nfrom {kind.__module__} import {kind.__name__}\n", kind.__name__


def _current(settings: Settings) -> str:
    if settings.protocol and not settings.kicks:
        return f'iz.presets["{settings.preset}"].current'
    return _sum(settings.current)


def _sum(current: Input) -> str:
    return " + ".join(f"iz.{term!r}" for term in current.terms) or "0.0"


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _wrapped(arguments: list[str]) -> str:
    """Arguments in lines of a readable length."""
    lines = [""]
    for argument in arguments:
        piece = f"{argument}, "
        if len(lines[-1]) + len(piece) > _WIDTH and lines[-1]:
            lines.append("")
        lines[-1] += piece
    return "\n".join(f"    {line.rstrip()}" for line in lines)
