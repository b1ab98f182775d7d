"""The graph of an ONNX model while it is made: tensors that Python's operators work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Of ONNX's own operators: since onnxruntime 1.14, of 2023.
OPSET = 18

#: Of the operators for trees.
TREES_OPSET = 3

#: Of the file's format, likewise.
_IR_VERSION = 8

_LAST = np.iinfo(np.int64).max


class Misfit(Exception):
    """A graph of tensors whose shapes do not go together."""


@dataclass(eq=False)
class Graph:
    """A graph that grows by `op`.

    Parameters
    ----------
    dtype : numpy dtype
        Precision of networks: float32 or float64.
    """

    dtype: np.dtype[Any]
    nodes: list[Any] = field(default_factory=list)
    constants: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)

    def input(self, name: str, dtype: Any, shape: Sequence[int | str]) -> Tensor:
        """Add an input; axes that vary are named."""
        self.inputs.append(_value(name, dtype, shape))
        return Tensor(self, name, np.dtype(dtype))

    def output(self, name: str, tensor: Tensor, shape: Sequence[int | str]) -> None:
        """Give a tensor out."""
        self.nodes.append(_node("Identity", [tensor.name], [name]))
        self.outputs.append(_value(name, tensor.dtype, shape))

    def constant(self, values: Any, dtype: Any = None) -> Tensor:
        """Give a constant, kept once; without `dtype` it has the network's precision."""
        import onnx

        array = np.asarray(values, dtype or self.dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            name = f"constant_{len(self.constants)}"
            self.constants[key] = onnx.numpy_helper.from_array(array, name)
        return Tensor(self, self.constants[key].name, array.dtype)

    def integers(self, *values: int) -> Tensor:
        """Give integers along one axis, as axes and shapes are told."""
        return self.constant(values, np.int64)

    def op(self, kind: str, *arguments: Any, dtype: Any = None, **attributes: Any) -> Tensor:
        """Add a node, and give its output.

        Parameters
        ----------
        kind : str
            Name of the operator.
        *arguments : Tensor or number
            Numbers become constants of the first tensor's type.
        dtype : dtype, optional
            Of the output; that of the first argument if left out.
        **attributes
            Of the operator.
        """
        return self.ops(kind, *arguments, dtypes=(dtype,), **attributes)[0]

    def ops(
        self, kind: str, *arguments: Any, dtypes: Sequence[Any], domain: str = "", **attributes: Any
    ) -> list[Tensor]:
        """Add a node of several outputs, of these types, and give them."""
        first = next(one for one in arguments if isinstance(one, Tensor))
        inputs = [
            one if isinstance(one, Tensor) else self.constant(one, first.dtype) for one in arguments
        ]
        names = [f"{kind.lower()}_{len(self.nodes)}_{number}" for number in range(len(dtypes))]
        node = _node(kind, [one.name for one in inputs], names, domain=domain, **attributes)
        self.nodes.append(node)
        return [
            Tensor(self, name, np.dtype(dtype or first.dtype))
            for name, dtype in zip(names, dtypes, strict=True)
        ]

    def model(self, name: str, metadata: dict[str, str]) -> Any:
        """Give the model, checked.

        Raises
        ------
        Misfit
            If shapes do not go together.
        """
        import onnx

        from jetline import __version__

        nodes, constants = self._needed()
        opsets = [onnx.helper.make_opsetid("", OPSET)]
        if any(node.domain for node in nodes):
            opsets.append(onnx.helper.make_opsetid("ai.onnx.ml", TREES_OPSET))
        graph = onnx.helper.make_graph(nodes, name, self.inputs, self.outputs, constants)
        model = onnx.helper.make_model(
            graph,
            ir_version=_IR_VERSION,
            opset_imports=opsets,
            producer_name="jetline",
            producer_version=__version__,
        )
        onnx.helper.set_model_props(model, metadata)
        try:
            onnx.checker.check_model(model, full_check=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
            raise Misfit(str(error).strip().splitlines()[0]) from None
        return model

    def _needed(self) -> tuple[list[Any], list[Any]]:
        """Give the nodes and constants that the outputs need."""
        wanted, nodes = {output.name for output in self.outputs}, []
        for node in reversed(self.nodes):
            if wanted.intersection(node.output):
                nodes.append(node)
                wanted.update(node.input)
        return nodes[::-1], [one for one in self.constants.values() if one.name in wanted]


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor of a graph, with its type."""

    graph: Graph
    name: str
    dtype: np.dtype[Any]

    def op(self, kind: str, *others: Any, dtype: Any = None, **attributes: Any) -> Tensor:
        """Apply an operator to this tensor and others, as `Graph.op` does."""
        return self.graph.op(kind, self, *others, dtype=dtype, **attributes)

    def __add__(self, other: Any) -> Tensor:
        return self.op("Add", other)

    def __radd__(self, other: Any) -> Tensor:
        return self.op("Add", other)

    def __sub__(self, other: Any) -> Tensor:
        return self.op("Sub", other)

    def __mul__(self, other: Any) -> Tensor:
        return self.op("Mul", other)

    def __rmul__(self, other: Any) -> Tensor:
        return self.op("Mul", other)

    def __truediv__(self, other: Any) -> Tensor:
        return self.op("Div", other)

    def __neg__(self) -> Tensor:
        return self.op("Neg")

    def __lt__(self, other: Any) -> Tensor:
        return self.op("Less", other, dtype=bool)

    def __le__(self, other: Any) -> Tensor:
        return self.op("LessOrEqual", other, dtype=bool)

    def __gt__(self, other: Any) -> Tensor:
        return self.op("Greater", other, dtype=bool)

    def __ge__(self, other: Any) -> Tensor:
        return self.op("GreaterOrEqual", other, dtype=bool)

    def __and__(self, other: Any) -> Tensor:
        return self.op("And", other)

    def __invert__(self) -> Tensor:
        return self.op("Not")

    def equals(self, other: Any) -> Tensor:
        """Compare element by element."""
        return self.op("Equal", other, dtype=bool)

    def cast(self, dtype: Any) -> Tensor:
        """Change the type."""
        import onnx

        if self.dtype == np.dtype(dtype):
            return self
        kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.op("Cast", to=kind, dtype=dtype)

    def where(self, one: Any, other: Any) -> Tensor:
        """Take `one` where this is true, else `other`; one of them is a tensor."""
        dtype = next(it.dtype for it in (one, other) if isinstance(it, Tensor))
        chosen = [
            it if isinstance(it, Tensor) else self.graph.constant(it, dtype) for it in (one, other)
        ]
        return self.op("Where", *chosen, dtype=dtype)

    def reduce(self, kind: str, *axes: int, keep: bool = True) -> Tensor:
        """Reduce by `Sum`, `Mean`, `Max` or `Min` over some axes."""
        return self.op(f"Reduce{kind}", self.graph.integers(*axes), keepdims=int(keep))

    def sum(self, *axes: int, keep: bool = True) -> Tensor:
        """Sum over some axes."""
        return self.reduce("Sum", *axes, keep=keep)

    def all(self, axis: int) -> Tensor:
        """Tell whether all are true along an axis, which is lost."""
        return self.cast(np.int32).reduce("Min", axis, keep=False).cast(bool)

    def expand(self, *axes: int) -> Tensor:
        """Add axes of length 1."""
        return self.op("Unsqueeze", self.graph.integers(*axes))

    def squeeze(self, axis: int) -> Tensor:
        """Leave an axis of length 1 out."""
        return self.op("Squeeze", self.graph.integers(axis))

    def reshape(self, *shape: int) -> Tensor:
        """Reshape; 0 keeps an axis, -1 takes what is left."""
        return self.op("Reshape", self.graph.integers(*shape))

    def transpose(self, *order: int) -> Tensor:
        """Change the order of axes."""
        return self.op("Transpose", perm=list(order))

    def cut(self, axis: int, start: int | None, stop: int | Tensor | None) -> Tensor:
        """Take a slice along an axis."""
        whole = self.graph.integers
        end = stop if isinstance(stop, Tensor) else whole(_LAST if stop is None else stop)
        return self.op("Slice", whole(start or 0), end, whole(axis))

    def column(self, number: int) -> Tensor:
        """Take one entry of the last axis, which is lost."""
        return self.op("Gather", self.graph.constant(number, np.int64), axis=-1)

    def taken(self, rows: Tensor) -> Tensor:
        """Take rows of each jet: (n, m, ...) by (n, ...) integers to (n, ..., ...)."""
        return self.op("GatherND", rows.expand(-1), batch_dims=1)

    def length(self, axis: int) -> Tensor:
        """Give the length of an axis, (1,) int64."""
        return self.op("Shape", dtype=np.int64, start=axis, end=axis + 1)


def joined(parts: Sequence[Tensor], axis: int) -> Tensor:
    """Join tensors along an axis."""
    return parts[0].op("Concat", *parts[1:], axis=axis)


def stacked(parts: Sequence[Tensor]) -> Tensor:
    """Stack tensors along a new last axis."""
    return joined([part.expand(-1) for part in parts], -1)


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> Any:
    import onnx

    return onnx.helper.make_node(kind, inputs, outputs, **attributes)


def _value(name: str, dtype: Any, shape: Sequence[int | str]) -> Any:
    import onnx

    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return onnx.helper.make_tensor_value_info(name, kind, list(shape))
