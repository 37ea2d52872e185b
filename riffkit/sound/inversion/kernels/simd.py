"""Eight numbers at once in compiled code: a vector type for numba.

numba leaves it to LLVM to find loops that fit the processor's vectors, and LLVM gives up where arrays might overlap.
Here the vector is written down: `load(x, i) * w + load(y, i)` is one instruction for eight float32, on every processor
that has one, and always the same operations in the same order, whatever the length of the data.

Arrays go in as the `address` of their first element: inside inner functions that saves counting who holds them. Whoever
calls must keep them alive, and contiguous; nothing checks where an index leads.

numba keeps compiled functions from run to run, and compiles anew when their own file changes. What they call from
another file it does not watch: after a change here, in butterflies.py, fourier.py or crew.py, touch updates.py.
"""

import operator

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import signature
from numba.core.typing.templates import ConcreteTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model

WIDTH = 8  # lanes: one register of AVX2, two of NEON or SSE, half of one of AVX-512
LINE = 64  # bytes of a cache line

VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
ROUNDED = ("contract",)  # a product and a sum may be rounded once, together


class Lanes(types.Type):
    """Type of a value of eight float32."""

    def __init__(self):
        super().__init__(name=f"float32x{WIDTH}")


LANES = Lanes()


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, VECTOR)


def aligned(*shape):
    """An array of float32, all zero, that begins at a cache line."""
    n = int(np.prod(shape))
    room = np.zeros(n + LINE // 4, np.float32)
    first = -room.ctypes.data % LINE // 4
    return room[first : first + n].reshape(shape)


@intrinsic
def address(typing, array):
    """Where a contiguous array begins, as a whole number."""

    def code(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, ir.IntType(types.intp.bitwidth))

    return types.intp(array), code


def _place(builder, args):
    return builder.gep(builder.inttoptr(args[0], ir.FloatType().as_pointer()), [args[1]])


@intrinsic
def load(typing, start, at):
    """The eight numbers from the `at`-th float32 behind address `start` on."""

    def code(context, builder, signature, args):
        return builder.load(builder.bitcast(_place(builder, args), VECTOR.as_pointer()), align=4)

    return LANES(types.intp, types.intp), code


@intrinsic
def store(typing, start, at, value):
    """Put eight numbers there."""

    def code(context, builder, signature, args):
        builder.store(args[2], builder.bitcast(_place(builder, args), VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, LANES), code


@intrinsic
def read(typing, start, at):
    """The `at`-th float32 behind address `start`."""

    def code(context, builder, signature, args):
        return builder.load(_place(builder, args))

    return types.float32(types.intp, types.intp), code


@intrinsic
def write(typing, start, at, value):
    """Put one float32 there."""

    def code(context, builder, signature, args):
        builder.store(args[2], _place(builder, args))
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.float32), code


def _spread(builder, value):
    nothing = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, nothing, everywhere)


@intrinsic
def fill(typing, value):
    """Eight times the same float32."""

    def code(context, builder, signature, args):
        return _spread(builder, args[0])

    return LANES(types.float32), code


def _teach(operation, emit):
    """Let numba calculate with vectors, or a vector and a float32."""
    pairs = [(LANES, LANES), (LANES, types.float32), (types.float32, LANES)]

    @infer_global(operation)
    class _(ConcreteTemplate):
        cases = [signature(LANES, *pair) for pair in pairs]

    def code(context, builder, sig, args):
        a, b = (x if kind == LANES else _spread(builder, x) for x, kind in zip(args, sig.args, strict=True))
        return emit(builder, a, b)

    for pair in pairs:
        lower_builtin(operation, *pair)(code)


_teach(operator.add, lambda builder, a, b: builder.fadd(a, b, flags=ROUNDED))
_teach(operator.sub, lambda builder, a, b: builder.fsub(a, b, flags=ROUNDED))
_teach(operator.mul, lambda builder, a, b: builder.fmul(a, b, flags=ROUNDED))
_teach(operator.truediv, lambda builder, a, b: builder.fdiv(a, b))


def _called(name, builder, *args):
    kind = ir.FunctionType(VECTOR, [VECTOR] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f32"), args)


@intrinsic
def larger(typing, a, b):
    """The larger of each two."""
    return LANES(LANES, LANES), lambda context, builder, signature, args: _called("maxnum", builder, *args)


@intrinsic
def smaller(typing, a, b):
    """The smaller of each two."""
    return LANES(LANES, LANES), lambda context, builder, signature, args: _called("minnum", builder, *args)


@intrinsic
def root(typing, a):
    """The square root of each."""
    return LANES(LANES), lambda context, builder, signature, args: _called("sqrt", builder, *args)
