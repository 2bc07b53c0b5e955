"""64 pixels at a time: tests of pixels whose outcomes are the bits of a word, pixel i at bit i.

LLVM does not find these by itself in a loop over pixels; written as vectors of 64 bytes it compiles them to the widest
compares that the processor has, whatever those are.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

BITS = 64
_BYTES = ir.VectorType(ir.IntType(8), BITS)
_WORD = ir.IntType(64)


def _loaded(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    """Return array[at : at + 64], at any alignment."""
    data = cgutils.create_struct_proxy(array_type)(context, builder, array).data
    return builder.load(builder.bitcast(builder.gep(data, [at]), _BYTES.as_pointer()), align=1)


def _spread(builder: Any, value: Any) -> Any:
    """Return 64 times the same byte."""
    one = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), BITS), [0] * BITS)
    return builder.shuffle_vector(one, one, lanes)


@intrinsic  # type: ignore[untyped-decorator]
def word_between(context: Any, image: Any, low: Any, high: Any, at: Any, band_at: Any) -> Any:
    """Return the bits of low[band_at + i] <= image[at + i] <= high[band_at + i]: flat uint8 arrays, or limits as bytes."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kinds = signature.args
        pixels = _loaded(context, builder, kinds[0], given[0], given[3])
        limits = [
            _loaded(context, builder, kind, limit, given[4])
            if isinstance(kind, types.Array)
            else _spread(builder, limit)
            for kind, limit in zip(kinds[1:3], given[1:3], strict=True)
        ]
        within = [builder.icmp_unsigned(sign, pixels, limit) for sign, limit in zip((">=", "<="), limits, strict=True)]
        return builder.bitcast(builder.and_(*within), _WORD)

    return types.uint64(image, low, high, types.intp, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def lowest(context: Any, word: Any) -> Any:
    """Return the place of a word's lowest bit that is set."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def fetch(context: Any, array: Any, at: Any) -> Any:
    """Ask for array[at] to be in the cache soon; `at` may lie beyond the end. A number needs no fetching."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        if not isinstance(signature.args[0], types.Array):
            return context.get_dummy_value()
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, given[0]).data
        place = builder.bitcast(builder.gep(data, [given[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(prefetch, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate
