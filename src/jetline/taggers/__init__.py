"""Taggers that are taken away: folders with a model card, and those that come with the package."""
