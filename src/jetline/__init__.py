"""Jetline: from quark and gluon jets to a trustworthy comparison of jet taggers."""

__version__ = "0.1.0"
