"""Where jets come from."""
