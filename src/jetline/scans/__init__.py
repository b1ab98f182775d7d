"""Scans: trainings with several values of settings, and what comes of them."""
