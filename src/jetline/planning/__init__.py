"""What each rule of the workflow reads, writes and is told."""
