"""From predictions to figures with errors, a comparison of taggers, and a report."""
