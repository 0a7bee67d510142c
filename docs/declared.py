"""What the reference says of shipped models, receptors and rules: their numbers, and no inner methods."""

import inspect

import izhi_numba as iz

BASES = (iz.Model, iz.Receptor, iz.Plasticity)
SHIPPED = {
    name
    for name, one in vars(iz).items()
    if inspect.isclass(one) and issubclass(one, BASES) and one not in BASES
}


def value(default):
    """Return how a default is written."""
    return "follows from others" if callable(default) else f"{default:g}"


def bounds(parameter):
    """Return how a usual range is written."""
    return "" if parameter.range is None else "{:g} to {:g}".format(*parameter.range)


def table(heading, rows):
    """Return a table as lines of reStructuredText."""
    lines = [
        "",
        f".. rubric:: {heading[0]}s",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "",
    ]
    for row in (heading, *rows):
        lines += [f"   {'*' if k == 0 else ' '} - {cell}" for k, cell in enumerate(row)]
    return [*lines, ""]


def numbers(kind):
    """Return the tables of a kind: parameters and variables, and what a model usually takes."""
    parameters = [
        (f"``{name}``", value(one.default), one.unit, bounds(one))
        for name, one in kind.parameters.items()
    ]
    states = [
        (f"``{name}``", value(one.default), one.unit)
        for name, one in kind.states.items()
    ]
    lines = []
    if parameters:
        lines += table(("Parameter", "Default", "Unit", "Usual range"), parameters)
    if states:
        lines += table(("Variable", "Starts at", "Unit"), states)
    if issubclass(kind, iz.Model):
        lines += [
            "",
            f"Usual scheme: ``{kind.scheme}``, in steps of {kind.dt:g} ms.",
            "",
        ]
    return lines


def tell(app, what, name, obj, options, lines):  # noqa: ARG001
    """Have the reference say what a shipped model, receptor or rule declares."""
    if what == "class" and obj.__name__ in SHIPPED:
        lines += numbers(obj)
