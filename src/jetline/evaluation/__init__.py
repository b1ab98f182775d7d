"""From predictions to figures of merit with errors, and a comparison of taggers, as data."""
