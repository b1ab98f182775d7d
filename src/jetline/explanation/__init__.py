"""What a trained tagger has learned: on which of a jet's particles, or pixels, it decides."""
