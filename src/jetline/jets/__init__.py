"""Jets: the benchmark's file format, and where jets come from."""
