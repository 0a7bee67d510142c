"""The page's modules in one text: a notebook takes a single file, and a page loads one faster than 73.

The modules are written so that joining them is deleting lines: a module imports names, in one statement of
one form, and declares names, each of which is the only one of its kind on the page. What is written in
another way is refused, with the file that it is in.
"""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
ENTRY = "explorer.js"

_IMPORT = re.compile(r'^import \{ ([\w$, ]+) \} from "(\.[\w./]+\.js)";$')
_DECLARATION = re.compile(r"^(export )?(?:async )?(?:function\*?|class|const|let) ([A-Za-z_$][\w$]*)")
_DEFAULT = "export default {"
_INSIDE = re.compile(r"^(?:$|[ \])}]|//|/\*\*)")  # lines that go on with a statement, or are none
_DYNAMIC = re.compile(r"\bimport\s*(?:\(|\.\s*meta)")


@dataclass(frozen=True)
class Module:
    """One file of the page.

    Attributes
    ----------
    name : str
        Its path below ``static``, with slashes.
    imports : names by the module that they are from
    names : tuple of str
        All that it declares.
    exported : tuple of str
        Those of them that others can import.
    body : str
        Its text, without imports and without the word export.
    """

    name: str
    imports: dict[str, tuple[str, ...]]
    names: tuple[str, ...]
    exported: tuple[str, ...]
    body: str


@functools.cache
def joined(static: Path = STATIC, entry: str = ENTRY) -> str:
    """Return the page as one module, of which each part comes after those that it imports.

    Raises
    ------
    ValueError
        Two modules declare the same name, or :func:`modules` refuses one.
    """
    found = modules(static, entry)
    declared: dict[str, str] = {}
    for module in found:
        for name in module.names:
            if name in declared:
                raise ValueError(f"{declared[name]} and {module.name} both declare {name}")
            declared[name] = module.name
    return "\n".join(f"// ---- {module.name}\n\n{module.body}" for module in found)


def modules(static: Path = STATIC, entry: str = ENTRY) -> list[Module]:
    """Return the entry and all that it imports, directly or not, each module after those that it imports.

    Raises
    ------
    ValueError
        A module imports in a circle, or what another one does not export, or is written in a way that
        joining does not understand.
    """
    found: dict[str, Module] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"imports in a circle: {' imports '.join([*above[above.index(name) :], name])}")
        if name in found:
            return
        module = _read(static, name)
        if above and _DEFAULT in module.body.splitlines():
            raise ValueError(f"{name} has a default export; only {entry} may")
        for imported, names in module.imports.items():
            visit(imported, (*above, name))
            missing = [one for one in names if one not in found[imported].exported]
            if missing:
                raise ValueError(f"{name} imports {', '.join(missing)}, which {imported} does not export")
        found[name] = module

    visit(entry, ())
    return list(found.values())


def _read(static: Path, name: str) -> Module:
    path = static / name
    if not path.resolve().is_relative_to(static.resolve()) or not path.is_file():
        raise ValueError(f"{name} is no module of the page")
    text = path.read_text(encoding="utf-8")
    imports: dict[str, tuple[str, ...]] = {}
    names, exported, kept = [], [], []
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"{name}, line {number}"
        if _DYNAMIC.search(line):
            raise ValueError(f"{where}: an import inside of a module cannot be joined: {line.strip()}")
        if found := _IMPORT.match(line):
            given = tuple(part.strip() for part in found[1].split(","))
            if not all(part.isidentifier() for part in given):
                raise ValueError(f"{where}: names are imported as they are: {line}")
            imports[posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))] = given
            continue
        if found := _DECLARATION.match(line):
            names.append(found[2])
            if found[1]:
                exported.append(found[2])
                line = line.removeprefix("export ")
        elif not _INSIDE.match(line) and line != _DEFAULT:
            raise ValueError(f"{where}: a module only imports and declares, one name in a statement: {line}")
        kept.append(line)
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"
    return Module(name, imports, tuple(names), tuple(exported), body)
