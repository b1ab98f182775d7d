"""The published benchmark on Zenodo."""
