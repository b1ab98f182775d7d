"""Optimisers with their schedules: functions that make one for a training."""

from __future__ import annotations

import keras


def adam(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
) -> keras.optimizers.Optimizer:
    """Make the Adam optimiser: D. P. Kingma, J. Ba, arXiv:1412.6980.

    Parameters
    ----------
    learning_rate : float or Keras schedule
        A constant rate, or a function of the number of steps. The optimiser counts these, and
        checkpoints keep the count, so that a resumed training continues the schedule.
    """
    return keras.optimizers.Adam(learning_rate)
