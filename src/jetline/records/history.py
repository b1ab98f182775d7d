"""The epochs of a training: ``history.csv``, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.core.files import write_text
from jetline.core.limits import limit_of

if TYPE_CHECKING:
    import numpy as np

#: File of the history in the folder of a training.
HISTORY = "history.csv"

#: Columns of the file, in their order.
COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_auc",
    "learning_rate",
    "seconds",
)


@dataclass(frozen=True)
class History:
    """What each epoch of a training gave.

    Parameters
    ----------
    rows : list of dict
        One for each epoch, by the names in `COLUMNS`.
    """

    rows: list[dict[str, float]]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> np.ndarray:
        """Give one column as an (n_epochs,) float64 array."""
        import numpy as np

        return np.array([row[name] for row in self.rows], dtype=np.float64)

    def write(self, path: Path) -> None:
        """Write the history as CSV, whole or not at all."""
        import pandas as pd

        table = pd.DataFrame(self.rows, columns=list(COLUMNS))
        write_text(Path(path), table.to_csv(index=False, lineterminator="\n"))

    @classmethod
    def read(cls, path: Path) -> History:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, or not a table of finite numbers with these columns.
        """
        import numpy as np
        import pandas as pd

        try:
            # As text, because the parser of numbers is off by a rounding error in some versions.
            table = pd.read_csv(path, dtype=str)
            missing = [name for name in COLUMNS if name not in table]
            if missing:
                raise ValueError(f"no column {', '.join(missing)}")
            numbers = table[list(COLUMNS)].astype(np.float64)
            if not np.isfinite(numbers.to_numpy()).all():
                raise ValueError("a value that is no finite number")
        except (OSError, ValueError) as error:
            if limit := limit_of(error, path):
                raise limit from None
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise JetlineError(
                str(path),
                found=reason or type(error).__name__,
                expected=f"a table with the columns {', '.join(COLUMNS)}, a number for each epoch",
                remedy="run the training again",
            ) from None
        rows = numbers.to_numpy().tolist()
        named = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
        return cls([{**row, "epoch": int(row["epoch"])} for row in named])
