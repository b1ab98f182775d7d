"""Observables of single jets: what each is, and how it is computed."""
