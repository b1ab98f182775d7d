"""Plots and pages, from the data that evaluation and validation have written."""
