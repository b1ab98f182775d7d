"""What a SLURM cluster offers, beside what the steps of a workflow ask of it."""
