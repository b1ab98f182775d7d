"""An exported model as onnxruntime runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Jets in one run: padded to the largest of them, so that many more take longer each.
BATCH = 10

_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64}


class Session:
    """A model that runs on one thread.

    Parameters
    ----------
    model : Path or bytes
        The file, or its content.

    Raises
    ------
    JetlineError
        If it is no model that onnxruntime can run.
    """

    def __init__(self, model: Path | bytes) -> None:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        kinds = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented")
        refused = (OSError, *(getattr(state, kind) for kind in kinds))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            content = model.read_bytes() if isinstance(model, Path) else model
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except refused as error:
            raise JetlineError(
                str(model) if isinstance(model, Path) else "the exported model",
                found=str(error).splitlines()[0],
                expected="an ONNX model that `jetline export` wrote",
                remedy="export the tagger again",
            ) from None
        (self._input,) = self._session.get_inputs()
        self._dtype = _TYPES[self._input.type]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    @property
    def takes(self) -> str:
        """Name of the input."""
        return str(self._input.name)

    def run(self, blocks: Iterable[np.ndarray], *names: str) -> Any:
        """Give outputs of all jets of some blocks, one array for each name."""
        parts = [
            self._session.run(list(names), {self.takes: one.astype(self._dtype, copy=False)})
            for block in blocks
            for one in (block[n : n + BATCH] for n in range(0, len(block), BATCH))
        ]
        return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs."""
        return [one.name for one in self._session.get_outputs()]
