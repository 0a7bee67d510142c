"""What README says: its snippet runs, it is short, its links lead somewhere, and the citation has the version."""

import re
from pathlib import Path

import matplotlib.pyplot as plt

import izhi_numba as iz

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "README.md").read_text()
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.M | re.S)
MOST = 100  # lines: a screen and a half, with the table


def test_ten_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = SNIPPETS
    assert 10 <= len(code.splitlines()) <= 12
    exec(compile(code, "README.md", "exec"), {})
    plt.close("all")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "raster.png").stat().st_size > 1000


def test_readme_is_short():
    lines = TEXT.splitlines()
    assert len(lines) <= MOST
    assert max(len(line) for line in lines if not line.startswith(("|", "Measured on"))) <= 120


def test_links_lead_somewhere():
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", TEXT) if not link.startswith("http")]
    assert len(links) > 10
    for link in links:
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        if anchor:
            assert f"## {anchor.replace('-', ' ').capitalize()}\n" in (ROOT / path).read_text(), link


def test_citation_has_the_version():
    told = dict(re.findall(r"^([\w-]+): *(.*)$", (ROOT / "CITATION.cff").read_text(), re.M))
    assert told["version"] == iz.__version__
    assert f"version {iz.__version__}*" in TEXT
    assert {"cff-version", "message", "title", "authors", "license"} <= set(told)
