"""MLflow: one run for each training.

What MLflow takes from the environment is set here, before any module of this package imports it.
"""

import os

# An unreachable server must cost a training seconds, not the minutes of the default retries.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
# MLflow's client tells its makers of its use, unless it is told not to.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# What it does is its own business; what goes wrong is told.
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
