"""How numba compiles the code of this package: as always, but for what is done in vain.

* Functions that are merged into their callers get no machine code of their own, which nobody would call, and
  are optimised once, in the kernel that they end in; not alone as well, and again in each caller.
* Passes for what kernels do not contain are left out: closures, expressions of whole arrays, and the like.
* Options of compilation are compared by those that are set. numba goes through all of them whenever it looks
  up a call, in a tenth of the time.

The steps of pools compile in 17 s where it was 28, and are as fast.
"""

from __future__ import annotations

from typing import Any

from numba import _dynfunc
from numba.core import typed_passes, untyped_passes
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder, Flags
from numba.core.compiler_machinery import FunctionPass, register_pass

_IN_VAIN = {
    typed_passes.AnnotateTypes,
    typed_passes.DumpParforDiagnostics,
    typed_passes.InlineOverloads,
    typed_passes.NopythonRewrites,
    typed_passes.NoPythonSupportedFeatureValidation,
    untyped_passes.DeadBranchPrune,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.InlineClosureLikes,
    untyped_passes.InlineInlinables,
    untyped_passes.LiteralPropagationSubPipelinePass,
    untyped_passes.LiteralUnroll,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.RewriteDynamicRaises,
    untyped_passes.RewriteSemanticConstants,
    untyped_passes.WithLifting,
}


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
        typing, target, library, args, return_type, flags, local = given
        super().__init__(typing, target, library, args, return_type, _Options(flags), local)

    def define_pipelines(self) -> list[Any]:
        """Return the passes that a function goes through."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [one for one in pipeline.passes if one[0] not in self.left_out]
        for one in self.extra_passes:
            pipeline.add_pass_after(one, untyped_passes.IRProcessing)
        pipeline.finalize()
        return [pipeline]


class _Merged(JITCodeLibrary):  # type: ignore[misc]
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
        JITCodeLibrary._optimize_final_module(self)


def _not_callable(library: Any, description: Any, environment: Any) -> Any:
    """What stands for a function that has no machine code of its own."""
    library.finalize()
    name = description.qualname.split(".")[-1]
    return _dynfunc.make_function(description.lookup_module(), name, "merged", 0, environment, (library,))


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
    extra_passes: tuple[Any, ...] = (_WithoutMachineCode,)


class AloneCompiler(MergedCompiler):
    """The same for functions that are optimised alone, too."""

    library = _OptimisedAlone
