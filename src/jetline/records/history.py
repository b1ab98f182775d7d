"""The epochs of a training: ``history.csv``, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.core.files import write_text

if TYPE_CHECKING:
    import numpy as np

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
        One an epoch, by the names in `COLUMNS`; empty where the training is not ours.
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
            table = pd.read_csv(path)
            missing = [name for name in COLUMNS if name not in table]
            if missing:
                raise ValueError(f"no column {', '.join(missing)}")
            numbers = table[list(COLUMNS)].astype(np.float64)
            if not np.isfinite(numbers.to_numpy()).all():
                raise ValueError("a value that is no finite number")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise JetlineError(
                str(path),
                found=reason or type(error).__name__,
                expected=f"a table with the columns {', '.join(COLUMNS)}, a number for each epoch",
                remedy="run the training again",
            ) from None
        rows = [
            {str(name): float(value) for name, value in row.items()}
            for row in numbers.to_dict(orient="records")
        ]
        return cls([row | {"epoch": int(row["epoch"])} for row in rows])
