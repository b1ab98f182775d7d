"""MLflow: one run for each training."""
