"""What a model eats, and how it lies on disk."""
