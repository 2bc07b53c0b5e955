"""64 pixels of a picture seen through a placement, interpolated: rows of grey levels in 64ths, int16.

Places are fixed point with 16 fractional bits, as int64: pixel k of the 64 is seen at (u + k su, v + k sv). Written as
vectors, as in `words`: LLVM does not find 16-bit arithmetic on 64 pixels in a loop by itself.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from robocell.vision.kernels.words import BITS

LEVEL = 64
"""Grey levels are told in 64ths."""
_I1, _I8, _I16, _I32, _I64 = (ir.IntType(n) for n in (1, 8, 16, 32, 64))
_FULL = 0xFFFF


def _vector(kind: Any) -> Any:
    return ir.VectorType(kind, BITS)


def _all(kind: Any, value: int) -> Any:
    return ir.Constant(_vector(kind), [value] * BITS)


def _lanes(kind: Any) -> Any:
    """Return 0, 1, …, 63."""
    return ir.Constant(_vector(kind), list(range(BITS)))


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return cgutils.create_struct_proxy(kind)(context, builder, array).data


def _spread(builder: Any, value: Any) -> Any:
    one = builder.insert_element(ir.Constant(_vector(value.type), ir.Undefined), value, _I32(0))
    return builder.shuffle_vector(one, one, _all(_I32, 0))


def _ramp(builder: Any, kind: Any, start: Any, step: Any) -> Any:
    """Return start + k step, of the lower bits that `kind` holds."""
    steps = builder.mul(_lanes(kind), _spread(builder, builder.trunc(step, kind)))
    return builder.add(_spread(builder, builder.trunc(start, kind)), steps)


def _blended(builder: Any, top: Any, bottom: Any, fy: Any) -> Any:
    """Return 64ths from two rows in 128ths, fy 15 bits."""
    apart = builder.sub(bottom, top)
    wide = _vector(_I32)
    product = builder.mul(builder.sext(apart, wide), builder.sext(fy, wide))
    part = builder.trunc(builder.ashr(product, _all(_I32, 16)), top.type)
    return builder.add(builder.lshr(top, _all(top.type.element, 1)), part)


@intrinsic  # type: ignore[untyped-decorator]
def see_shifted(context: Any, image: Any, at: Any, stride: Any, u: Any, v: Any, su: Any, sv: Any, keep: Any, out: Any, to: Any) -> Any:  # fmt: skip
    """Write out[to + k] where `keep` has bit k, of pixels whose upper left neighbours are image[at + k].

    No gathering: the pixels of a stretch over which a placement drifts less than a pixel have neighbours in a row.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        image, at, stride, u, v, su, sv, keep, out, to = given
        data = _data(context, builder, signature.args[0], image)
        fx = builder.lshr(_ramp(builder, _I16, u, su), _all(_I16, 9))
        fy = builder.lshr(_ramp(builder, _I16, v, sv), _all(_I16, 1))

        def tap(place: Any) -> Any:
            pointer = builder.bitcast(builder.gep(data, [place]), _vector(_I8).as_pointer())
            return builder.zext(builder.load(pointer, align=1), _vector(_I16))

        def row(place: Any) -> Any:
            left, right = tap(place), tap(builder.add(place, _I64(1)))
            return builder.add(builder.shl(left, _all(_I16, 7)), builder.mul(builder.sub(right, left), fx))

        value = _blended(builder, row(at), row(builder.add(at, stride)), fy)
        target = builder.gep(_data(context, builder, signature.args[8], out), [to])
        target = builder.bitcast(target, _vector(_I16).as_pointer())
        old = builder.load(target, align=2)
        builder.store(builder.select(builder.bitcast(keep, _vector(_I1)), value, old), target, align=2)
        return context.get_dummy_value()

    place = types.int64
    return types.void(image, place, place, place, place, place, place, types.uint64, out, place), generate


class _Places(ir.instructions.Instruction):  # type: ignore[misc]
    """Pointers to data[at] for a vector of places, which llvmlite's own `gep` does not know."""

    def __init__(self, builder: Any, data: Any, at: Any) -> None:
        super().__init__(builder.block, _vector(_I32.as_pointer()), "getelementptr", [data, at])
        builder._insert(self)

    def descr(self, buf: list[str]) -> None:
        data, at = self.operands
        buf.append(f"getelementptr i8, {data.type} {data.get_reference()}, {at.type} {at.get_reference()}\n")


def _gathered(context: Any, builder: Any, kinds: Any, given: Any, border: bool) -> Any:
    """Write what 64 pixels of any placement see, and return the bits of those inside the picture."""
    image, rows, columns, u, v, su, sv, out, to = given
    data = _data(context, builder, kinds[0], image)
    wide, width = _vector(_I32), _spread(builder, builder.trunc(columns, _I32))
    x, y = _ramp(builder, _I32, u, su), _ramp(builder, _I32, v, sv)
    inside = _all(_I1, 1)
    if border:
        x, x_inside = _clamped(builder, x, columns)
        y, y_inside = _clamped(builder, y, rows)
        inside = builder.and_(x_inside, y_inside)
    fx = builder.and_(builder.lshr(x, _all(_I32, 9)), _all(_I32, 127))
    fy = builder.and_(builder.lshr(y, _all(_I32, 1)), _all(_I32, 32767))
    at = builder.add(builder.mul(builder.lshr(y, _all(_I32, 16)), width), builder.lshr(x, _all(_I32, 16)))
    most = _spread(builder, builder.trunc(builder.sub(builder.mul(rows, columns), _I64(4)), _I32))
    kind = ir.FunctionType(wide, [_vector(_I32.as_pointer()), _I32, _vector(_I1), wide])
    gather = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.gather.v{BITS}i32.v{BITS}p0")

    def row(place: Any) -> Any:
        start = builder.select(builder.icmp_signed(">", place, most), most, place) if border else place
        places = _Places(builder, data, start)
        four = builder.call(gather, [places, _I32(1), _all(_I1, 1), ir.Constant(wide, ir.Undefined)])
        if border:
            four = builder.lshr(four, builder.shl(builder.sub(place, start), _all(_I32, 3)))
        left = builder.and_(four, _all(_I32, 255))
        right = builder.and_(builder.lshr(four, _all(_I32, 8)), _all(_I32, 255))
        return builder.add(builder.shl(left, _all(_I32, 7)), builder.mul(builder.sub(right, left), fx))

    top, bottom = row(at), row(builder.add(at, width))
    part = builder.ashr(builder.mul(builder.sub(bottom, top), fy), _all(_I32, 16))
    value = builder.trunc(builder.add(builder.lshr(top, _all(_I32, 1)), part), _vector(_I16))
    target = builder.gep(_data(context, builder, kinds[7], out), [to])
    builder.store(value, builder.bitcast(target, _vector(_I16).as_pointer()), align=2)
    return builder.bitcast(inside, _I64)


def _clamped(builder: Any, place: Any, count: Any) -> tuple[Any, Any]:
    """Return places kept inside the picture, and which were inside: within half a pixel of a pixel's centre."""
    end = builder.shl(_spread(builder, builder.trunc(count, _I32)), _all(_I32, 16))
    inside = builder.icmp_unsigned("<", builder.add(place, _all(_I32, 1 << 15)), end)
    last, zero = builder.sub(end, _all(_I32, (1 << 16) + 1)), _all(_I32, 0)
    place = builder.select(builder.icmp_signed("<", place, zero), zero, place)
    return builder.select(builder.icmp_signed(">", place, last), last, place), inside


@intrinsic  # type: ignore[untyped-decorator]
def see_gathered(context: Any, image: Any, rows: Any, columns: Any, u: Any, v: Any, su: Any, sv: Any, out: Any, to: Any) -> Any:  # fmt: skip
    """Write out[to : to + 64], all of it two pixels or more from the right border of a flat picture, and return all bits."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return _gathered(context, builder, signature.args, given, border=False)

    return _signature(image, out), generate


@intrinsic  # type: ignore[untyped-decorator]
def see_border(context: Any, image: Any, rows: Any, columns: Any, u: Any, v: Any, su: Any, sv: Any, out: Any, to: Any) -> Any:  # fmt: skip
    """Write out[to : to + 64], and return the bits of the pixels that are in the picture; beyond, its border goes on.

    Four bytes at a time are gathered, so that the picture has at least four.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return _gathered(context, builder, signature.args, given, border=True)

    return _signature(image, out), generate


def _signature(image: Any, out: Any) -> Any:
    place = types.int64
    return types.uint64(image, place, place, place, place, place, place, out, place)


@intrinsic  # type: ignore[untyped-decorator]
def lanes_between(context: Any, seen: Any, at: Any, low: Any, high: Any, band_at: Any) -> Any:
    """Return the bits of low[band_at + k] <= seen[at + k] <= high[band_at + k], of the nearest whole grey levels."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        def loaded(which: int, place: Any, kind: Any) -> Any:
            pointer = builder.gep(_data(context, builder, signature.args[which], given[which]), [place])
            return builder.load(builder.bitcast(pointer, _vector(kind).as_pointer()), align=1)

        value = builder.add(loaded(0, given[1], _I16), _all(_I16, LEVEL // 2))
        level = builder.trunc(builder.lshr(value, _all(_I16, 6)), _vector(_I8))
        above = builder.icmp_unsigned(">=", level, loaded(2, given[4], _I8))
        below = builder.icmp_unsigned("<=", level, loaded(3, given[4], _I8))
        return builder.bitcast(builder.and_(above, below), _I64)

    return types.uint64(seen, types.intp, low, high, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def lanes_beyond(context: Any, values: Any, at: Any, factors: Any, factors_at: Any, limit: Any, most: Any) -> Any:
    """Return the bits of |values[at + k]| factors[factors_at + k] > limit, and raise most[k] to those products.

    Values are int16, factors uint16, and products are int32 and must hold.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        wide = _vector(_I32)

        def pointer(which: int, place: Any, kind: Any) -> Any:
            start = builder.gep(_data(context, builder, signature.args[which], given[which]), [place])
            return builder.bitcast(start, _vector(kind).as_pointer())

        value = builder.sext(builder.load(pointer(0, given[1], _I16), align=2), wide)
        negative = builder.icmp_signed("<", value, _all(_I32, 0))
        size = builder.select(negative, builder.sub(_all(_I32, 0), value), value)
        factor = builder.zext(builder.load(pointer(2, given[3], _I16), align=2), wide)
        product = builder.mul(size, factor)
        highest = pointer(5, _I64(0), _I32)
        before = builder.load(highest, align=4)
        higher = builder.icmp_signed(">", product, before)
        builder.store(builder.select(higher, product, before), highest, align=4)
        bound = _spread(builder, builder.trunc(given[4], _I32))
        return builder.bitcast(builder.icmp_signed(">", product, bound), _I64)

    return types.uint64(values, types.intp, factors, types.intp, types.int64, most), generate
