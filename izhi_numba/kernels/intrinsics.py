"""Single instructions and addresses, for which Python has no word.

Nothing here checks an address: what lies there is the caller's affair.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def view(typingctx: Any, address: Any, count: Any, dtype: Any) -> Any:
    """The array of ``count`` items of a type, or of the type of a number, at an address.

    Numba's ``carray`` counts references.
    """
    item = getattr(dtype, "dtype", dtype)
    array_type = types.Array(item, 1, "C")

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(array_type)(context, builder)
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(item)))
        context.populate_array(
            array,
            data=builder.inttoptr(args[0], array.data.type),
            shape=(args[1],),
            strides=(itemsize,),
            itemsize=itemsize,
            meminfo=None,
        )
        return array._getvalue()

    return array_type(types.int64, types.int64, dtype), codegen


@intrinsic
def prefetch(typingctx: Any, address: Any) -> Any:
    """Ask for the cache line at an address (a bad one does no harm)."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.PointerType(ir.IntType(8)))
        i32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, i32, i32, i32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(function, [place, i32(0), i32(3), i32(1)])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


HAS_TICKS = platform.machine().lower() in ("x86_64", "amd64", "arm64", "aarch64")


@intrinsic
def ticks(typingctx: Any) -> Any:
    """The processor's counter of time, in some 10 ns; 1 where it is not known how to read it."""
    machine = platform.machine().lower()

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i64 = ir.IntType(64)
        kind = ir.FunctionType(i64, [])
        if machine in ("x86_64", "amd64"):
            return builder.call(builder.module.declare_intrinsic("llvm.readcyclecounter", (), kind), [])
        if machine in ("arm64", "aarch64"):  # what LLVM reads there is kept from users
            binding.initialize_native_asmparser()  # numba does not, and without it LLVM ends the process
            return builder.call(ir.InlineAsm(kind, "mrs $0, cntvct_el0", "=r", side_effect=True), [])
        return i64(1)

    return types.int64(), codegen


@intrinsic
def load_at(typingctx: Any, address: Any, dtype: Any) -> Any:
    """The number of a type at an address, which need not be a multiple of its size."""
    item = getattr(dtype, "dtype", dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.PointerType(context.get_data_type(item)))
        return builder.load(place, align=2)

    return item(types.int64, dtype), codegen


@intrinsic
def where_above(typingctx: Any, a: Any, b: Any, count: Any, dtype: Any) -> Any:
    """Bits of those of the first ``count`` integers at an address that are greater than those at another.

    At most 64, compared at once, and without a jump.
    """
    if not isinstance(count, types.IntegerLiteral):
        return None
    n, item = count.literal_value, getattr(dtype, "dtype", dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.PointerType(ir.VectorType(context.get_data_type(item), n))
        given = [builder.load(builder.inttoptr(one, kind), align=8) for one in args[:2]]
        bits = builder.bitcast(builder.icmp_signed(">", *given), ir.IntType(n))
        return builder.zext(bits, ir.IntType(64)) if n < 64 else bits

    return types.uint64(types.int64, types.int64, count, dtype), codegen


@intrinsic
def transpose(typingctx: Any, rows: Any, into: Any, apart: Any, dtype: Any) -> Any:
    """Put the first number of four rows at an address, and their next ones each so many bytes further.

    ``rows``: four addresses, of four numbers each.
    """
    item = getattr(dtype, "dtype", dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind, i32 = ir.VectorType(context.get_data_type(item), 4), ir.IntType(32)
        found = [
            builder.load(builder.inttoptr(builder.extract_value(args[0], k), ir.PointerType(kind)), align=4)
            for k in range(4)
        ]

        def mix(a: Any, b: Any, *places: int) -> Any:
            return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(i32, 4), [*places]))

        low = [mix(found[k], found[k + 1], 0, 4, 1, 5) for k in (0, 2)]
        high = [mix(found[k], found[k + 1], 2, 6, 3, 7) for k in (0, 2)]
        for k, (pair, half) in enumerate(((low, 0), (low, 2), (high, 0), (high, 2))):
            column = mix(*pair, half, half + 1, half + 4, half + 5)
            place = builder.add(args[1], builder.mul(args[2], ir.Constant(args[2].type, k)))
            builder.store(column, builder.inttoptr(place, ir.PointerType(kind)), align=4)
        return context.get_dummy_value()

    return types.void(rows, types.int64, types.int64, dtype), codegen


@intrinsic
def store_at(typingctx: Any, address: Any, value: Any) -> Any:
    """Put a number at an address, which need not be a multiple of its size."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.PointerType(context.get_data_type(signature.args[1])))
        builder.store(args[1], place, align=2)
        return context.get_dummy_value()

    return types.void(types.int64, value), codegen


@intrinsic
def address_of(typingctx: Any, array: Any, index: Any) -> Any:
    """Address of an item of a one-dimensional array."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(builder.gep(data, [args[1]]), ir.IntType(64))

    return types.int64(array, types.int64), codegen


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """``a * b + c`` rounded once: one instruction, the same on every machine that has it."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return (a(a, b, c), codegen) if a == b == c and isinstance(a, types.Float) else None


@intrinsic
def choose(typingctx: Any, condition: Any, yes: Any, no: Any) -> Any:
    """One of two numbers of a type, without a branch: both are there."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(*args)

    return yes(types.boolean, yes, yes), codegen


@intrinsic
def lowest_bit(typingctx: Any, word: Any) -> Any:
    """Place of the lowest bit that is set."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


@intrinsic
def bits_of(typingctx: Any, x: Any) -> Any:
    """The bits of a float32 as an int32."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.int32))

    return types.int32(types.float32), codegen


@intrinsic
def float_of(typingctx: Any, bits: Any) -> Any:
    """The float32 with the bits of an int32."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.float32))

    return types.float32(types.int32), codegen
