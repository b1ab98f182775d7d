"""File formats of jets."""
