"""Observables of single jets."""
