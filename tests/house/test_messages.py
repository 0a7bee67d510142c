"""Messages are tested: of each error and doubt that the package tells, a test has some words.

A message is taken to be tested where three words of it in a row stand in a test; of shorter ones all words.
What they say is tested there.
"""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent.parent / "izhi_numba"
TESTS = Path(__file__).parent.parent
DOUBTS = ("inputs/doubts.py", "models/usual.py")  # made of sentences that are told elsewhere


def words(text):
    return re.findall(r"\w+", text)


def in_a_row(found):
    """Return three words in a row; all, where there are two."""
    if len(found) < 3:
        return [" ".join(found)] if len(found) == 2 else []
    return [" ".join(found[k : k + 3]) for k in range(len(found) - 2)]


def said_in_tests():
    """Return what tests say, as words with a blank between them; pieces of a text are put together."""
    texts = (path.read_text() for path in sorted(TESTS.rglob("*.py")) if path != Path(__file__))
    joined = (re.sub(r'"\s*\n?\s*[rf]*"', "", text.replace("\\", "")) for text in texts)
    return " ".join(word for text in joined for word in words(text))


def literals(node):
    """Return the texts of a message, without what is put into them."""
    return [
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]


def messages(path):
    """Return what a file tells: line and texts of each message."""
    tree = ast.parse(path.read_text())
    if str(path.relative_to(PACKAGE)) in DOUBTS:
        texts = [one for one in ast.walk(tree) if isinstance(one, ast.JoinedStr)]
        return [(one.lineno, literals(one)) for one in texts]
    raised = [one for one in ast.walk(tree) if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)]
    return [(one.lineno, literals(one.exc)) for one in raised]


@pytest.fixture(scope="module")
def said():
    """What tests say; read when it is asked for, as all processes that test import this file."""
    return said_in_tests()


def may_tell(path):
    """Whether a file has messages, without a look at its syntax."""
    return str(path.relative_to(PACKAGE)) in DOUBTS or "raise " in path.read_text()


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if may_tell(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_message_is_in_a_test(path, said):
    for line, texts in messages(path):
        pieces = [piece for text in texts for piece in in_a_row(words(text))]
        assert not pieces or any(piece in said for piece in pieces), f"line {line}: {texts}"
