"""The pages of the site: their Python runs and prints what they say, their links lead somewhere, all are listed."""

import logging
import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import izhi_numba as iz
from tests.optional import library

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
MADE = {"learn": ROOT / "docs" / "tutorial", "gallery": ROOT / "examples"}  # by the build, from scripts
NOT_PAGES = (*MADE, "reference", "build", "_build")
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.relative_to(DOCS).parts[0] not in NOT_PAGES)
LIBRARIES = ("h5py", "joblib", "neo", "networkx", "pandas", "pynwb", "scipy", "xarray")
CODE_WIDTH, TEXT_WIDTH = 88, 110

FENCE = re.compile(r"^```(\{?[\w-]*\}?)[ ]?(\S*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)|^:link: (\S+)$|\{doc\}`[^`<]*<?([^`>]+)>?`", re.M)
NAME = re.compile(r"\{py:obj\}`~?izhi_numba\.(\w+)[\w.]*`")
ESCAPE = re.compile(r"[^\w\- ]")


def of(text):
    """Fences of a page: what stands after the ticks, the argument, and what is within."""
    return [found.groups() for found in FENCE.finditer(text)]


def without_code(text):
    return FENCE.sub("", text)


def steps(text):
    """Code that runs, each with what the page says that it prints."""
    pieces = []
    for kind, _, body in of(text):
        if kind == "python":
            pieces.append([body, None])
        elif kind == "text" and pieces:
            pieces[-1][1] = body
    return pieces


def run(text, capsys, name="page"):
    """Run a page as one session; what is printed is as it says, but for the last digits."""
    namespace = {}
    for code, shown in steps(text):
        exec(compile(code, name, "exec"), namespace)
        printed = capsys.readouterr().out
        assert bool(printed) == bool(shown), f"shown:\n{shown}\nprinted:\n{printed}\nby:\n{code}"
        if shown:  # single precision may differ in its last bits on another processor, and then more
            assert words(shown) == words(printed)
            np.testing.assert_allclose(numbers(printed), numbers(shown), rtol=0.1)


def words(printed):
    return re.sub(r"[\d.\s]+", "", printed)


def numbers(printed):
    return np.array([float(number) for number in re.findall(r"\d+\.?\d*", printed)])


def anchors(text):
    """What links may name within a page: its headings, as GitHub and the build write them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M)
    return {ESCAPE.sub("", heading.lower()).replace(" ", "-") for heading in headings}


def listed(text, folder):
    """Pages that the tables of contents of a page name."""
    rows = "\n".join(body for kind, _, body in of(text) if kind == "{toctree}").splitlines()
    return [(folder / row.strip()).resolve() for row in rows if row.strip() and not row.startswith(":")]


def is_there(path):
    """Whether the build has such a page, or the folder such a file."""
    path = path.with_suffix("") if path.suffix in (".md", ".rst") else path
    if path.with_suffix(".md").exists() or path.is_file():
        return True
    parts = path.relative_to(DOCS).parts if path.is_relative_to(DOCS) else ("",)
    if parts[0] in MADE and len(parts) == 2:
        return parts[1] == "index" or (MADE[parts[0]] / f"{parts[1]}.py").exists()
    return parts == ("reference", "index")


def broken(text, folder):
    """Links of a page that lead nowhere."""
    found = []
    for link in ("".join(groups) for groups in LINK.findall(without_code(text))):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        whole = (folder / path).resolve()
        if path and not is_there(whole):
            found.append(link)
        elif anchor:
            page = text if not path else whole.with_suffix(".md").read_text()
            found += [] if anchor in anchors(page) else [link]
    names = [name for name in NAME.findall(text) if name not in iz.__all__]
    return found + names


def untold(text):
    """Code of other programs, which is not run, that does not say whose it is."""
    return [
        body for kind, _, body in of(text)
        if kind == "{code-block}" and not re.match(r":caption: \S", body)
    ]  # fmt: skip


def wide(text):
    """Lines that a page has no room for; those of tables scroll."""
    code = [line for _, _, body in of(text) for line in body.splitlines() if len(line) > CODE_WIDTH]
    plain = [line for line in without_code(text).splitlines() if not line.startswith("|")]
    return code + [line for line in plain if len(line) > TEXT_WIDTH]


def ids(path):
    return str(path.relative_to(DOCS))


@pytest.fixture
def levels():
    """Let what is logged again that a page has silenced, or the other way round."""
    loggers = [logging.getLogger(name) for name in (None, "izhi_numba")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.mark.usefixtures("levels")
@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_code_of_a_page(path, tmp_path, monkeypatch, capsys):
    """One block after the other, as a reader would paste them into one session, in an empty folder."""
    text = path.read_text()
    for name in LIBRARIES:
        if re.search(rf"import {name}|from {name}|to_{name}\(", "\n".join(code for code, _ in steps(text))):
            library(name)
    monkeypatch.chdir(tmp_path)
    try:
        run(text, capsys, str(path))
    finally:
        plt.close("all")


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_a_page_leads_somewhere_and_is_narrow(path):
    text = path.read_text()
    assert broken(text, path.parent) == []
    assert untold(text) == []
    assert wide(text) == []
    assert {kind for kind, *_ in of(text)} <= {
        "python", "text", "{code-block}", "{toctree}", "{include}", "{image}",
    }  # fmt: skip
    for path in (name for kind, name, _ in of(text) if kind == "{image}"):
        assert path.startswith("drawn/")


def test_every_page_is_in_a_table_of_contents():
    told = {page for path in PAGES for page in listed(path.read_text(), path.parent)}
    pages = {path.with_suffix("") for path in PAGES} - {DOCS / "index"}
    assert pages <= told
    assert all(is_there(page) for page in told)
    assert len(pages) > 3


GOOD = """# One page

A [link](#one-page) and [another](index.md#izhi_numba), {py:obj}`izhi_numba.Pool`, [a script](gallery/brunel).

```python
print(len("abc"), "of", 2.0)
```

```text
3 of 2.05
```

```{code-block} python
:caption: NEST
nest.Simulate(1)
```
"""


def test_a_good_page_is_taken(capsys):
    run(GOOD, capsys)
    assert (broken(GOOD, DOCS), untold(GOOD), wide(GOOD)) == ([], [], [])


@pytest.mark.parametrize(
    ("good", "bad", "error"),
    [("3 of", "4 of", AssertionError), ("3 of", "3 and", AssertionError), ("len(", "lem(", NameError),
     ("```text", "```console", AssertionError)],
)  # fmt: skip
def test_code_that_fails_or_prints_something_else_is_told(good, bad, error, capsys):
    with pytest.raises(error):
        run(GOOD.replace(good, bad), capsys)


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [("#one-page", "#two", "#two"), ("index.md#izhi", "index.md#nest", "index.md#nest_numba"),
     ("gallery/brunel", "gallery/brunell", "gallery/brunell"), ("index.md", "indexx.md", "indexx.md#izhi_numba"),
     ("numba.Pool", "numba.Pol", "Pol")],
)  # fmt: skip
def test_links_that_lead_nowhere_are_told(good, bad, told):
    assert broken(GOOD.replace(good, bad), DOCS) == [told]


def test_foreign_code_without_a_name_and_wide_lines_are_told():
    assert len(untold(GOOD.replace(":caption: NEST\n", ""))) == 1
    assert len(wide(GOOD.replace("nest.Simulate(1)", f"nest.Simulate({'1' * 80})"))) == 1
    assert len(wide(GOOD.replace("A [link]", f"A {'very ' * 20}[link]"))) == 1
    assert listed("```{toctree}\n:hidden:\n\nfacts\n```\n", DOCS) == [DOCS / "facts"]


def test_what_leads_nowhere_on_a_built_page_is_told(tmp_path):
    """The build runs the script on the whole site."""
    broken_links = runpy.run_path(str(DOCS / "check_links.py"))["broken"]
    (tmp_path / "index.html").write_text('<h1 id="here"></h1><a href="#here"></a><a href="b.html#there"></a>')
    (tmp_path / "b.html").write_text('<a href="https://elsewhere.org/x"></a><img src="picture.png">')
    assert broken_links(tmp_path) == ["b.html: picture.png", "index.html: b.html#there"]
    (tmp_path / "b.html").write_text('<p id="there"></p>')
    assert broken_links(tmp_path) == []
