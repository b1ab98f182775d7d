"""Training, resuming and prediction."""
