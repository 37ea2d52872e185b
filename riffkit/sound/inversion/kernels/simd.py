"""SIMD in compiled code: a vector type of eight float32 for numba.

numba leaves it to LLVM to find loops that fit the processor's vectors, and LLVM gives up where arrays might overlap.
Here the vector is written down: `load(x, i) * w + load(y, i)` is one instruction for eight float32, on every processor
that has one, and always the same operations in the same order, whatever the length of the data.

Arrays go in as the `address` of their first element: inside inner functions that saves counting who holds them. Whoever
calls must keep them alive, and contiguous; nothing checks where an index leads.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, Signature, infer_global
from numba.extending import lower_builtin, models, register_model

from riffkit.sound.inversion.kernels.build import emitted

WIDTH = 8  # lanes: one register of AVX2, two of NEON or SSE, half of one of AVX-512
LINE = 64  # bytes of a cache line

Vector = Any  # what compiled functions hold eight float32 in
Complex = tuple[Vector, Vector]  # real parts, imaginary parts
Emitted = tuple[Signature, Callable[..., Any]]
VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
ROUNDED = ("contract",)  # a product and a sum may be rounded once, together


class Lanes(types.Type):
    """Type of a value of eight float32."""

    def __init__(self) -> None:
        super().__init__(name=f"float32x{WIDTH}")


LANES = Lanes()


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


def aligned(*shape: int) -> np.ndarray:
    """An array of float32 of this `shape`, all zero, that begins at a cache line."""
    n = int(np.prod(shape))
    room = np.zeros(n + LINE // 4, np.float32)
    first = -room.ctypes.data % LINE // 4
    return room[first : first + n].reshape(shape)


@emitted
def address(typing: Any, array: Any) -> Emitted:
    """Address of a contiguous `array`, as a whole number."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, context.get_value_type(types.intp))

    return types.intp(array), code


def _place(builder: Any, args: Any) -> Any:
    return builder.gep(builder.inttoptr(args[0], ir.FloatType().as_pointer()), [args[1]])


@emitted
def load(typing: Any, start: Any, at: Any) -> Emitted:
    """The eight numbers from the `at`-th float32 behind address `start` on."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(builder.bitcast(_place(builder, args), VECTOR.as_pointer()), align=4)

    return LANES(types.intp, types.intp), code


@emitted
def store(typing: Any, start: Any, at: Any, value: Any) -> Emitted:
    """Put the eight numbers `value` at the `at`-th float32 behind address `start`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], builder.bitcast(_place(builder, args), VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, LANES), code


@emitted
def read(typing: Any, start: Any, at: Any) -> Emitted:
    """The `at`-th float32 behind address `start`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(builder, args))

    return types.float32(types.intp, types.intp), code


@emitted
def write(typing: Any, start: Any, at: Any, value: Any) -> Emitted:
    """Put one float32 `value` at the `at`-th float32 behind address `start`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(builder, args))
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.float32), code


def _spread(builder: Any, value: Any) -> Any:
    nothing = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, nothing, everywhere)


@emitted
def fill(typing: Any, value: Any) -> Emitted:
    """Eight times the same float32 `value`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _spread(builder, args[0])

    return LANES(types.float32), code


def _teach(operation: Any, emit: Callable[[Any, Any, Any], Any]) -> None:
    """Let numba calculate with vectors, or a vector and a float32."""
    pairs = [(LANES, LANES), (LANES, types.float32), (types.float32, LANES)]

    @infer_global(operation)
    class _(ConcreteTemplate):
        cases = [LANES(*pair) for pair in pairs]

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        a, b = (x if kind == LANES else _spread(builder, x) for x, kind in zip(args, sig.args, strict=True))
        return emit(builder, a, b)

    for pair in pairs:
        lower_builtin(operation, *pair)(code)


_teach(operator.add, lambda builder, a, b: builder.fadd(a, b, flags=ROUNDED))
_teach(operator.sub, lambda builder, a, b: builder.fsub(a, b, flags=ROUNDED))
_teach(operator.mul, lambda builder, a, b: builder.fmul(a, b, flags=ROUNDED))
_teach(operator.truediv, lambda builder, a, b: builder.fdiv(a, b))


def _called(name: str, builder: Any, *args: Any) -> Any:
    kind = ir.FunctionType(VECTOR, [VECTOR] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f32"), args)


@emitted
def larger(typing: Any, a: Any, b: Any) -> Emitted:
    """The larger of each two of `a` and `b`."""
    return LANES(LANES, LANES), lambda context, builder, signature, args: _called("maxnum", builder, *args)


@emitted
def smaller(typing: Any, a: Any, b: Any) -> Emitted:
    """The smaller of each two of `a` and `b`."""
    return LANES(LANES, LANES), lambda context, builder, signature, args: _called("minnum", builder, *args)


@emitted
def root(typing: Any, a: Any) -> Emitted:
    """The square root of each of `a`."""
    return LANES(LANES), lambda context, builder, signature, args: _called("sqrt", builder, *args)
