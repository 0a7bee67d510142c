"""The disk cache of compiled code: a file for each function, signature and processor.

numba has a cache of its own, an index and files of code for each function. Its key holds the function's own
byte code and what its closure pickles to: it misses edits of the helpers that a kernel calls, serves stale
code for an edited model that can be imported, and never finds a kernel again whose closure holds other
compiled functions. A file that is damaged ends the program, or crashes it, and so does a folder that is full;
of processes that fill it together one may be served the code of another. Here

* the key is a hash of what the code is made from;
* a file carries a checksum, and says what it holds. One that is damaged, or that cannot be read for whatever
  reason, is compiled again and replaced;
* a file is written under another name and then renamed, so that nobody reads half of one;
* where nothing can be written, or where numba has other inner parts than those known here, each process
  compiles, and a warning to the log says so.

The folder is ``NUMBA_CACHE_DIR``, if that is set; else ``__pycache__`` beside the kernels; else, where that
cannot be written, the user's folder of caches.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import hashlib
import io
import logging
import os
import pickle
import platform
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba

_log = logging.getLogger("izhi_numba")
_HEAD = b"izhi_numba compiled code 1\n"
_DIGEST = 32  # bytes of a checksum
_FORGOTTEN = 3600.0  # s, after which a file that was never renamed is one that nobody writes any more
_VERSIONS = (numba.__version__, llvmlite.__version__, platform.python_version())


class Cache:
    """What numba asks for the compiled code of a function, and gives it to.

    Parameters
    ----------
    function : plain function
    sources : str
        Hash of the package's files that the code is made from; code of other ones is removed.
    key : str
        What else the code is made from.
    """

    cache_path = None  # asked for by numba

    def __init__(self, function: Callable[..., Any], sources: str, key: str) -> None:
        name = function.__qualname__.replace("<", "").replace(">", "")
        self._name = f"izhi-{Path(function.__code__.co_filename).stem}.{name}-"
        self._generation = f"{self._name}{_hash(sources)}-"
        self._key = sources, key

    def load_overload(self, signature: Any, target: Any, *_: Any, **__: Any) -> Any:
        """Return compiled code, or None where there is none that can be used."""
        try:
            return self._load(signature, target)
        except FileNotFoundError:
            return None
        except OSError as error:
            tell("read", f"compiled code cannot be read, and is compiled again: {error}")
        except _DamagedError as error:
            tell("damaged", f"{error} is damaged; such code is compiled again, and replaced")
        except Exception as error:  # numba's inner parts may be others, and may raise anything
            what = f"{type(error).__name__}: {error}"
            tell("load", f"compiled code cannot be loaded, and is compiled again ({what})")
        return None

    def save_overload(self, signature: Any, compiled: Any, *_: Any, **__: Any) -> None:
        """Keep compiled code, if that can be."""
        try:
            self._save(signature, compiled)
        except OSError as error:
            tell("keep", f"compiled code cannot be kept, and each process compiles: {error}")
        except Exception as error:
            tell_of_numba(f"{type(error).__name__}: {error}")

    def enable(self) -> None:
        """Asked for by numba; it is always enabled."""

    def disable(self) -> None:
        """Asked for by numba; it is always enabled."""

    def flush(self) -> None:
        """Asked for by numba before it compiles anew; files are replaced one by one."""

    def _load(self, signature: Any, target: Any) -> Any:
        place = folder()
        if place is None:
            return None
        target.refresh()
        identity = self._identity(signature, target.codegen())
        path = place / self._file(identity)
        block = path.read_bytes()
        body = block[len(_HEAD) + _DIGEST :]
        if block[: len(_HEAD) + _DIGEST] != _HEAD + _checksum(body):
            raise _DamagedError(path)
        kept, parts = _Reader(io.BytesIO(body)).load()
        if kept != identity:
            return None
        from numba.core.compiler import CompileResult

        return CompileResult._rebuild(target, *parts)

    def _save(self, signature: Any, compiled: Any) -> None:
        from numba.core.serialize import dumps

        place = folder()
        if place is None:
            tell(
                "keep",
                "compiled code cannot be kept, and each process compiles: set NUMBA_CACHE_DIR to a folder",
            )
            return
        if compiled.library.has_dynamic_globals or any(not one.can_cache for one in compiled.lifted):
            return  # holds addresses of this process
        identity = self._identity(signature, compiled.codegen)
        body = dumps((identity, compiled._reduce()))
        place.mkdir(parents=True, exist_ok=True)
        _write(place / self._file(identity), _HEAD + _checksum(body) + body)
        self._tidy_up(place)

    def _identity(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        return (*_VERSIONS, *self._key, codegen.magic_tuple(), signature)

    def _file(self, identity: tuple[Any, ...]) -> str:
        return f"{self._generation}{_hash(repr(identity))}.code"

    def _tidy_up(self, place: Path) -> None:
        """Remove what older sources were compiled to, and what a process left that ended as it wrote."""
        with contextlib.suppress(OSError):  # others tidy up, too
            for path in place.glob(f"{self._name}*"):
                old = path.suffix == ".code" and not path.name.startswith(self._generation)
                if old or (path.suffix == ".tmp" and path.stat().st_mtime < time.time() - _FORGOTTEN):
                    path.unlink(missing_ok=True)


class _DamagedError(Exception):
    """A file whose checksum is not that of what it holds."""


class _Reader(pickle.Unpickler):
    """Reads compiled code, which names the modules of the functions that it was made from.

    numba imports these, though nothing is taken from them: a user's file that was renamed or copied is not
    there any more, or it is another one.
    """

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        return functools.partial(_without_import, found) if name == "_rebuild_env" else found


def _without_import(rebuild: Callable[..., Any], module: str, *more: Any) -> Any:
    return rebuild(module if module in sys.modules else builtins.__name__, *more)


_told: set[str] = set()


def tell(what: str, message: str) -> None:
    """Say something to the log, unless something of the kind was said in this process."""
    if what not in _told:
        _told.add(what)
        _log.warning("%s", message)


def tell_of_numba(why: str) -> None:
    """Say once that compiled code is not kept, since this numba is unknown."""
    tell("numba", f"numba {numba.__version__} is unknown to izhi_numba, and each process compiles ({why})")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST).digest()


def _write(path: Path, block: bytes) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f"{path.name}.{uuid.uuid4().hex[:16]}.tmp")
    try:
        aside.write_bytes(block)
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def folder() -> Path | None:
    """Return the folder in which compiled code is kept; None where there is none.

    Where no folder can be written, one is returned that is there, and can perhaps be read.
    """
    return _first_usable(numba.config.CACHE_DIR)


@functools.cache
def _first_usable(chosen: str) -> Path | None:
    package = Path(__file__).parent
    if chosen:  # for several programs, and several copies of the package
        candidates = [Path(chosen).absolute() / f"izhi_numba_{_hash(str(package.resolve()))}"]
    else:
        candidates = [package / "__pycache__"]
        with contextlib.suppress(RuntimeError):  # there is no home
            candidates.append(_caches_of_user() / f"izhi_numba_{_hash(str(package.resolve()))}")
    return next(filter(_can_be_written, candidates), next(filter(os.path.isdir, candidates), None))


def _can_be_written(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.R_OK | os.W_OK | os.X_OK)


def _caches_of_user() -> Path:
    """The folder for caches that the system has for a user."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
