"""Kinds of model inputs."""
