"""A tagger that takes raw jets and gives scores, as MLflow loads it: by this module's name alone.

The module is named in what MLflow stores as text, so that nothing has to be unpickled.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.jets.reading import open_jets
from jetline.records.predictions import Predictions
from jetline.records.training import read_tagger
from jetline.training.fitting import further_of
from jetline.training.scoring import score_files


class RawJetTagger:
    """A tagger, from the folder of a training.

    Parameters
    ----------
    training : Path
        The folder, with ``model.keras`` and ``training.json``.
    """

    def __init__(self, training: Path) -> None:
        self._training = Path(training)
        self._further = further_of(read_tagger(training))

    def predict(self, jets: np.ndarray, params: dict[str, object] | None = None) -> np.ndarray:  # noqa: ARG002
        """Score jets.

        Parameters
        ----------
        jets : (n_jets, n_constituents, 4 + n_further) array
            Transverse momentum [GeV], rapidity, azimuth and PDG id of each constituent, then the
            further features that the tagger takes, in their order and as the files of its training
            have them; zeros where a jet has fewer constituents.
        params : dict, optional
            MLflow gives this to every model; there is nothing to set.

        Returns
        -------
        (n_jets,) float32 array
            Scores between 0 (gluon) and 1 (quark).

        Raises
        ------
        JetlineError
            If the jets are not valid.
        """
        jets = np.asarray(jets, dtype=np.float64)
        columns = 4 + len(self._further)
        if jets.ndim != 3 or jets.shape[2] != columns:
            raise JetlineError(
                "jets",
                found=f"shape {jets.shape}",
                expected=f"(jets, constituents, {columns}): "
                + ", ".join(["pT [GeV]", "rapidity", "azimuth", "PDG id", *self._further]),
                remedy="give an array of this shape, with zeros where a jet has fewer constituents",
            )
        arrays = {"X": jets[..., :4]}
        if self._further:
            arrays |= {"features": jets[..., 4:], "feature_names": np.array(self._further)}
        with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
            given, scored = Path(temporary) / "jets.npz", Path(temporary) / "scores.npz"
            write_arrays(given, **arrays)
            score_files(self._training, [open_jets(given)], scored)
            return Predictions.read(scored).scores


def _load_pyfunc(training: str) -> RawJetTagger:
    """Give the tagger of a folder: MLflow calls this function, by this name."""
    return RawJetTagger(Path(training))
