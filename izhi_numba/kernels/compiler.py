"""How numba compiles the code of this package: as always, but for what is done in vain.

* Functions that are merged into their callers get no machine code of their own, which nobody would call, and
  are optimised once, in the kernel that they end in; not alone as well, and again in each caller.
* Passes for what kernels do not contain are left out: closures, expressions of whole arrays, and the like.
* Options of compilation are compared by those that are set. numba goes through all of them whenever it looks
  up a call, in a tenth of the time.

The steps of pools compile in 17 s where it was 28, and are as fast.

All of this leans on inner parts of numba. Where a version of numba has others, functions are compiled as
numba does it, which takes longer, and a warning to the log says so.
"""

from __future__ import annotations

import inspect
from typing import Any

import numba
from numba.core import codegen, cpu, typed_passes, untyped_passes
from numba.core.compiler import CompilerBase, DefaultPassBuilder, Flags
from numba.core.compiler_machinery import FunctionPass, register_pass

from izhi_numba.kernels.cache import tell

_NAMES_IN_VAIN = (
    "AnnotateTypes",
    "DumpParforDiagnostics",
    "InlineOverloads",
    "NopythonRewrites",
    "NoPythonSupportedFeatureValidation",
    "DeadBranchPrune",
    "FindLiterallyCalls",
    "InlineClosureLikes",
    "InlineInlinables",
    "LiteralPropagationSubPipelinePass",
    "LiteralUnroll",
    "MakeFunctionToJitFunction",
    "RewriteDynamicRaises",
    "RewriteSemanticConstants",
    "WithLifting",
)
_LIBRARY = (  # methods of a library of code, without arguments
    "_optimize_final_module",
    "_finalize_final_module",
    "_finalize_dynamic_globals",
    "_verify_declare_only_symbols",
)


def _asked(owner: Any, name: str) -> list[str]:
    """Return the names of what a method asks for; none where there is no such method."""
    method = getattr(owner, name, None)
    return [] if method is None else list(inspect.signature(method).parameters)


def has_known_parts() -> bool:
    """Whether the inner parts of numba are there that this file leans on, and ask for what they did."""
    library = getattr(codegen, "JITCodeLibrary", None)
    return (
        all(_asked(library, name) == ["self"] for name in _LIBRARY)
        and all(hasattr(typed_passes, name) or hasattr(untyped_passes, name) for name in _NAMES_IN_VAIN)
        and _asked(cpu.CPUContext, "get_executable") == ["self", "library", "fndesc", "env"]
        and len(_asked(CompilerBase, "__init__")) == 8
        and isinstance(getattr(Flags(), "_values", None), dict)
    )


_KNOWN = has_known_parts()
_IN_VAIN: set[Any] = set()
if _KNOWN:
    _IN_VAIN = {getattr(typed_passes, name, None) or getattr(untyped_passes, name) for name in _NAMES_IN_VAIN}


class _Options(Flags):  # type: ignore[misc]
    """Options of compilation, compared by those that are set."""

    __slots__ = ()

    def __hash__(self) -> int:
        return _HASH

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Flags):
            return NotImplemented
        names = self._values.keys() | other._values.keys()
        return all(getattr(self, name) == getattr(other, name) for name in names)


_HASH = hash(Flags())  # that of any options: it is one of their names


class Compiler(CompilerBase):  # type: ignore[misc]
    """Compilation of kernels."""

    extra_passes: tuple[Any, ...] = ()  # once the code is read; the last comes first
    left_out: Any = _IN_VAIN

    def __init__(self, *given: Any) -> None:
        if _KNOWN:
            typing, target, library, args, return_type, flags, local = given
            given = typing, target, library, args, return_type, _Options(flags), local
        else:
            tell("compiler", f"numba {numba.__version__} is unknown to izhi_numba, and compiles for longer")
        super().__init__(*given)

    def define_pipelines(self) -> list[Any]:
        """Return the passes that a function goes through."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [one for one in pipeline.passes if one[0] not in self.left_out]
        for one in self.extra_passes:
            pipeline.add_pass_after(one, untyped_passes.IRProcessing)
        pipeline.finalize()
        return [pipeline]


_JITCodeLibrary: Any = getattr(codegen, "JITCodeLibrary", object)


class _Merged(_JITCodeLibrary):  # type: ignore[misc]
    """Code that goes into its callers, and that nobody calls."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _OptimisedAlone(_Merged):
    """The same for code that is optimised alone, too, before it goes into its callers."""

    def _optimize_final_module(self) -> None:
        _JITCodeLibrary._optimize_final_module(self)


def _not_callable(library: Any, description: Any, environment: Any) -> Any:
    """What stands for a function that has no machine code of its own."""
    library.finalize()
    return [library].copy  # numba wants a builtin function, another one for each


@register_pass(mutates_CFG=False, analysis_only=True)
class _WithoutMachineCode(FunctionPass):  # type: ignore[misc]
    """Have the code of a function go into its callers only."""

    _name = "izhi_without_machine_code"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        state.library = state.pipeline.library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.targetctx.get_executable = _not_callable  # of a context that this function has for itself
        return False


class MergedCompiler(Compiler):
    """Compilation of functions that are merged into their callers."""

    library: Any = _Merged
    extra_passes: tuple[Any, ...] = (_WithoutMachineCode,) if _KNOWN else ()


class AloneCompiler(MergedCompiler):
    """The same for functions that are optimised alone, too."""

    library = _OptimisedAlone
