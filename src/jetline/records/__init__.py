"""Typed models of the files that cross a stage: one module each, written and read by one class."""
