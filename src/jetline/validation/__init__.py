"""Jets beside the published benchmark."""
