"""The networks of ``face_landmarker.task`` as ONNX, for GPUs: TensorFlow Lite has no CUDA in Python.

Only the operators that these networks use are known; any other is refused. Weights of 16 bits become 32
bits, as the interpreter does it. Tensors keep TensorFlow's order of axes (batch, height, width, channels);
a convolution is put between two transpositions, most of which ONNX Runtime takes out again. The first axis,
which is 1 in the files, is left free: it counts crops of any frames and faces.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput

if TYPE_CHECKING:
    from ai_edge_litert.schema_py_generated import (
        ConcatenationOptionsT,
        Conv2DOptionsT,
        DepthwiseConv2DOptionsT,
        ModelT,
        OperatorT,
        Pool2DOptionsT,
        StridedSliceOptionsT,
        SubGraphT,
    )
    from onnx import ModelProto, NodeProto

_OPSET = 17
_BATCH = "batch"
_SAME = 0
"""``Padding.SAME`` of the schema; the other is VALID."""
_ACTIVATIONS = {0: None, 1: "Relu"}
"""``ActivationFunctionType`` of the schema: NONE, RELU."""
_UNARY = {"LOGISTIC": "Sigmoid", "NEG": "Neg", "RELU": "Relu", "SQRT": "Sqrt"}
_BINARY = {"ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div"}


def convert(model: bytes, target: Path, name: str) -> None:
    """Write ``model`` as ONNX.

    Args:
        model: content of a ``.tflite`` file with one input whose first axis is the batch.
        target: the file to write.
        name: of the model, for messages.

    Raises:
        BadInput: it has an operator or an option that is not known here.
    """
    import onnx

    onnx.save(_Conversion(model, name).network(), str(target))


class _Activating(Protocol):
    """Options of an operator with which the file has fused an activation."""

    fusedActivationFunction: int  # noqa: N815 - of the schema


class _Conversion:
    """One network on its way; tensors are called by their numbers in the file."""

    def __init__(self, model: bytes, name: str) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._name = name
        self._model: ModelT = schema.ModelT.InitFromPackedBuf(model, 0)
        self._graph: SubGraphT = self._model.subgraphs[0]
        names = {value: key for key, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
        self._types = {
            schema.TensorType.FLOAT32: "<f4",
            schema.TensorType.FLOAT16: "<f2",
            schema.TensorType.INT32: "<i4",
        }
        self._operators = [
            (names[max(code.builtinCode, code.deprecatedBuiltinCode)], operator)
            for operator in self._graph.operators
            for code in (self._model.operatorCodes[operator.opcodeIndex],)
        ]
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, NDArray[np.generic]] = {}
        self._count = 0

    def network(self) -> ModelProto:
        """The ONNX model."""
        from onnx import TensorProto, helper, numpy_helper

        for tensor in range(len(self._graph.tensors)):
            value = self._stored(tensor)
            if value is not None:
                self._constants[f"t{tensor}"] = value.astype(np.float32) if value.dtype == np.float16 else value
        for kind, operator in self._operators:
            self._add(kind, operator)
        used = {name for node in self._nodes for name in node.input}
        inputs, outputs = (
            [
                helper.make_tensor_value_info(f"t{tensor}", TensorProto.FLOAT, [_BATCH, *self._free(tensor)[1:]])
                for tensor in tensors
            ]
            for tensors in (self._graph.inputs, self._graph.outputs)
        )
        constants = [numpy_helper.from_array(value, key) for key, value in self._constants.items() if key in used]
        graph = helper.make_graph(self._nodes, self._name, inputs, outputs, constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)

    def _stored(self, tensor: int) -> NDArray[np.generic] | None:
        """The values of a constant; None if the tensor is calculated."""
        facts = self._graph.tensors[tensor]
        data = self._model.buffers[facts.buffer].data
        if data is None or not len(data):
            return None
        if facts.type not in self._types:
            raise self._unknown(f"a constant of type {facts.type}")
        return np.frombuffer(bytes(data), self._types[facts.type]).reshape(self._shape(tensor))

    def _shape(self, tensor: int) -> list[int]:
        shape = self._graph.tensors[tensor].shape
        return [] if shape is None else [int(side) for side in shape]

    def _free(self, tensor: int) -> list[int]:
        """Shape with the batch in front, also of an output that the file gives without it."""
        shape = self._shape(tensor)
        return shape if shape[:1] == [1] and len(shape) > 1 else [1, *shape]

    def _unknown(self, what: str) -> BadInput:
        return BadInput(self._name, f"has {what}, which cannot be converted to ONNX", "Use MEDIAFLOW_DEVICE=cpu")

    def _emit(self, kind: str, inputs: list[str], output: str | None = None, **options: object) -> str:
        from onnx import helper

        if output is None:
            self._count += 1
            output = f"v{self._count}"
        node = helper.make_node(kind, inputs, [output])
        node.attribute.extend(helper.make_attribute(name, value) for name, value in sorted(options.items()))
        self._nodes.append(node)
        return output

    def _constant(self, value: NDArray[np.generic]) -> str:
        self._count += 1
        self._constants[f"c{self._count}"] = value
        return f"c{self._count}"

    def _add(self, kind: str, operator: OperatorT) -> None:
        inputs, (output,) = [int(tensor) for tensor in operator.inputs if tensor >= 0], operator.outputs
        names, target, options = [f"t{tensor}" for tensor in inputs], f"t{output}", operator.builtinOptions
        if kind == "DEQUANTIZE":
            if names[0] not in self._constants:
                raise self._unknown("values of 16 bits that are calculated")
            self._constants[target] = self._constants[names[0]]
        elif kind in _UNARY:
            self._emit(_UNARY[kind], names, target)
        elif kind in _BINARY:
            self._activated(options, lambda result: self._emit(_BINARY[kind], names, result), target)
        elif kind == "PRELU":
            self._emit("PRelu", names, target)
        elif kind == "RSQRT":
            self._emit("Reciprocal", [self._emit("Sqrt", names)], target)
        elif kind == "SQUARED_DIFFERENCE":
            difference = self._emit("Sub", names)
            self._emit("Mul", [difference, difference], target)
        elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            self._convolve(kind, names, options, target)
        elif kind == "MAX_POOL_2D":
            self._pool(names[0], options, target)
        elif kind in ("MEAN", "SUM"):
            axes = self._constants[names[1]].reshape(-1).astype(np.int64)
            if kind == "SUM":
                self._emit("ReduceSum", [names[0], self._constant(axes)], target, keepdims=int(options.keepDims))
            else:
                self._emit("ReduceMean", names[:1], target, axes=axes.tolist(), keepdims=int(options.keepDims))
        elif kind == "PAD":
            before, after = self._constants[names[1]].astype(np.int64).T
            self._emit("Pad", [names[0], self._constant(np.concatenate([before, after]))], target)
        elif kind == "TRANSPOSE":
            self._emit("Transpose", names[:1], target, perm=self._constants[names[1]].tolist())
        elif kind == "RESHAPE":
            # 0: the first axis stays as long as it is.
            shape = np.array([0, *self._free(output)[1:]], np.int64)
            self._emit("Reshape", [names[0], self._constant(shape)], target)
        elif kind == "CONCATENATION":
            self._concatenate(names, options, target)
        elif kind == "STRIDED_SLICE":
            self._slice(inputs, names, options, target)
        else:
            raise self._unknown(f"the operator {kind}")

    def _activated(self, options: _Activating, emit: Callable[[str | None], str], target: str) -> None:
        """What an operator gives, and the activation that the file has fused with it."""
        if options.fusedActivationFunction not in _ACTIVATIONS:
            raise self._unknown(f"the activation {options.fusedActivationFunction}")
        activation = _ACTIVATIONS[options.fusedActivationFunction]
        if activation is None:
            emit(target)
        else:
            self._emit(activation, [emit(None)], target)

    def _convolve(
        self, kind: str, names: list[str], options: Conv2DOptionsT | DepthwiseConv2DOptionsT, target: str
    ) -> None:
        weights = self._constants[names[1]]
        deep = kind == "DEPTHWISE_CONV_2D"
        # Filters, height, width, channels; of a depthwise one 1, height, width, filters.
        placed = weights.transpose(3, 0, 1, 2) if deep else weights.transpose(0, 3, 1, 2)
        picture = self._emit("Transpose", names[:1], perm=[0, 3, 1, 2])
        result = self._emit(
            "Conv",
            [picture, self._constant(np.ascontiguousarray(placed)), *names[2:]],
            kernel_shape=placed.shape[2:],
            strides=[options.strideH, options.strideW],
            dilations=[options.dilationHFactor, options.dilationWFactor],
            auto_pad="SAME_UPPER" if options.padding == _SAME else "VALID",
            group=len(placed) if deep else 1,
        )
        self._activated(options, lambda out: self._emit("Transpose", [result], out, perm=[0, 2, 3, 1]), target)

    def _pool(self, picture: str, options: Pool2DOptionsT, target: str) -> None:
        result = self._emit(
            "MaxPool",
            [self._emit("Transpose", [picture], perm=[0, 3, 1, 2])],
            kernel_shape=[options.filterHeight, options.filterWidth],
            strides=[options.strideH, options.strideW],
            auto_pad="SAME_UPPER" if options.padding == _SAME else "VALID",
        )
        self._activated(options, lambda out: self._emit("Transpose", [result], out, perm=[0, 2, 3, 1]), target)

    def _concatenate(self, names: list[str], options: ConcatenationOptionsT, target: str) -> None:
        """Constants among calculated tensors are there once for each crop."""
        crops = self._emit("Shape", [next(name for name in names if name not in self._constants)], start=0, end=1)
        parts = []
        for name in names:
            if name in self._constants:
                sides = self._constant(np.array(self._constants[name].shape[1:], np.int64))
                name = self._emit("Expand", [name, self._emit("Concat", [crops, sides], axis=0)])
            parts.append(name)
        self._activated(options, lambda out: self._emit("Concat", parts, out, axis=options.axis), target)

    def _slice(self, inputs: list[int], names: list[str], options: StridedSliceOptionsT, target: str) -> None:
        begin, end, step = (self._constants[name].astype(np.int64) for name in names[1:4])
        if options.ellipsisMask or options.newAxisMask:
            raise self._unknown("a slice with new axes")
        sides = self._shape(inputs[0])
        axes = [axis for axis in range(len(sides)) if axis > 0]
        starts = [0 if options.beginMask >> axis & 1 else int(begin[axis]) for axis in axes]
        # An output without the batch is one crop's: here it has as many as there are.
        shrunk = [axis for axis in axes if options.shrinkAxisMask >> axis & 1]
        ends = [
            starts[place] + 1 if axis in shrunk else sides[axis] if options.endMask >> axis & 1 else int(end[axis])
            for place, axis in enumerate(axes)
        ]
        bounds = [np.array(part, np.int64) for part in (starts, ends, axes, step[1:])]
        operands = [names[0], *map(self._constant, bounds)]
        if not shrunk:
            self._emit("Slice", operands, target)
            return
        self._emit("Squeeze", [self._emit("Slice", operands), self._constant(np.array(shrunk, np.int64))], target)
