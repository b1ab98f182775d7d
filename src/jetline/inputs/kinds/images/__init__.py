"""Jet images."""
