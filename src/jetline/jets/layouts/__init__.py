"""Layouts of foreign jet files: which columns of a file are what, and jets made of them."""
