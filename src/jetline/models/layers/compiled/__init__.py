"""Compiled loops beside the layers, imported only when they are called: numba takes 2 s."""
