"""Public lists agree: what the code has, ``iz``, the map in its docstring, the site, ``connect``, CONTRIBUTING.

A new rule, distribution, input or receptor stands in several lists that people read; what is missing in one of
them is named here.
"""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import izhi_numba as iz
from tests.house.wings import WINGS

ROOT = Path(__file__).parent.parent.parent
CONNECTIONS = (ROOT / "docs" / "how-to" / "connections.md").read_text()
PAGES = {
    "rule": CONNECTIONS, "distribution": CONNECTIONS, "receptor": CONNECTIONS,
    "input": (ROOT / "docs" / "how-to" / "inputs.md").read_text(),
    "plasticity": (ROOT / "docs" / "how-to" / "learning.md").read_text(),
    "model": (ROOT / "docs" / "how-to" / "numerics.md").read_text(),
}  # fmt: skip
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()

# Rules of NEST, and what they are called here; then those that NEST has by other means, or not at all.
NEST = {
    "all_to_all": "all_to_all",
    "one_to_one": "one_to_one",
    "pairwise_bernoulli": "fixed_probability",
    "fixed_indegree": "fixed_indegree",
    "fixed_outdegree": "fixed_outdegree",
    "fixed_total_number": "fixed_total_number",
}
NOT_IN_NEST = {
    "distance_dependent", "small_world", "scale_free", "from_arrays", "from_scipy", "from_networkx",
}  # fmt: skip


def makers(package, *kinds):
    """Public functions of a package that return one of these kinds, by name."""
    found = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and function.__annotations__.get("return") in kinds and not name.startswith("_"):
                found[name] = function
    return found


RULES = makers(iz.connectivity, "Rule")
del RULES["by_source"]  # what a function of the source becomes
DISTRIBUTIONS = makers(iz.connectivity, "Distribution", "ByDistance")
INPUTS = makers(iz.inputs, "Input")
del INPUTS["as_input"], INPUTS["constant_input"]  # what a number becomes
RECEPTORS = {
    name: kind
    for name, kind in vars(iz.models).items()
    if isinstance(kind, type) and issubclass(kind, iz.Receptor) and kind is not iz.Receptor
}
LISTS = {"rule": RULES, "distribution": DISTRIBUTIONS, "input": INPUTS, "receptor": RECEPTORS}


def section(heading):
    """Names under a heading of the map in the package's docstring."""
    (text,) = re.findall(rf"^{re.escape(heading)}.*?\n(.*?)(?:\n\n|\Z)", iz.__doc__, re.M | re.S)
    columns = [re.split(r"\s{2,}", line.strip())[0] for line in text.splitlines()]
    return {name for column in columns for name in re.findall(r"\w+", column)}


def table(heading):
    """Names in the first column of a table of the page on connections."""
    begin = CONNECTIONS.index(f"| {heading} |")
    rows = CONNECTIONS[begin : CONNECTIONS.index("\n\n", begin)].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)", row.split("|")[1])}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_are_found(kind):
    assert {"rule": 12, "distribution": 6, "input": 13, "receptor": 11}[kind] == len(LISTS[kind])


@pytest.mark.parametrize("kind", LISTS)
def test_what_the_code_has_is_public(kind):
    for name, made in LISTS[kind].items():
        assert name in iz.__all__
        assert getattr(iz, name) is made


@pytest.mark.parametrize(("kind", "heading", "others"), [
    ("rule", "Rules", {"Rule", "gaussian_profile", "exponential_profile", "grid"}),
    ("distribution", "Weights and delays", {"Distribution"}),
    ("input", "Inputs", {"Input"}),
    ("receptor", "Receptors", {"Receptor", "compose"}),
])  # fmt: skip
def test_the_map_has_them_under_their_heading(kind, heading, others):
    assert section(heading) == {*LISTS[kind], *others}


def test_the_docstring_of_connect_names_all_rules():
    doc = inspect.getdoc(iz.Pool.connect)
    paragraph = doc[doc.index("rule : ") : doc.index("weight : ")]
    assert set(re.findall(r"``(?:iz\.)?(\w+)\(", paragraph)) == set(RULES)


def test_the_docstring_of_connect_names_distributions():
    doc = inspect.getdoc(iz.Pool.connect)
    paragraph = doc[doc.index("weight : ") : doc.index("delay : ")]
    named = re.findall(r"``(?:iz\.)?(\w+)``", paragraph[paragraph.index("Distributions") :])
    assert set(named) == set(DISTRIBUTIONS) - {"by_distance"}  # which is of delays


def test_tables_of_rules_and_receptors():
    assert table("Rule") - {"lambda"} == set(RULES)
    assert table("Receptor") == set(RECEPTORS)


@pytest.mark.parametrize("kind", ["distribution", "input"])
def test_the_site_lists(kind):
    for name in LISTS[kind]:
        assert f"`{name}" in PAGES[kind], name


@pytest.mark.parametrize(("kind", "heading"), [("plasticity", "Plasticity"), ("model", "Neurons")])
def test_the_site_tells_of_each(kind, heading):
    base = {"plasticity": iz.Plasticity, "model": iz.Model}[kind]
    kinds = {name for name in section(heading) if isinstance(getattr(iz, name, None), type)}
    shipped = {name for name in kinds if issubclass(getattr(iz, name), base)} - {base.__name__}
    assert len(shipped) > 10
    for name in shipped:
        assert name in PAGES[kind] or f"...{name.removeprefix('Izhikevich2007')}`" in PAGES[kind], name


def test_rules_have_names_of_nest():
    assert set(NEST.values()) | NOT_IN_NEST == set(RULES)
    assert not set(NEST.values()) & NOT_IN_NEST
    for theirs, ours in NEST.items():
        assert theirs == ours or f"`{theirs}` is `{ours}`" in CONNECTIONS
    for switch in ("autapses", "multapses"):
        assert f"`allow_{switch}`" in CONNECTIONS
        assert any(switch in inspect.signature(rule).parameters for rule in RULES.values())


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_is_not_called_is_mended(name):
    pool = iz.Pool(10)
    with pytest.raises(TypeError, match=rf"rule: got the function {name} itself; write iz\.{name}\("):
        pool.connect(pool, pool, rule=RULES[name])


def test_contributing_has_the_wings_in_their_order():
    begin = CONTRIBUTING.index("| wing |")
    rows = CONTRIBUTING[begin : CONTRIBUTING.index("\n\n", begin)].splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(WINGS)
