"""Weights of weaver-core's networks."""
