"""What every other package rests on: errors, files, random numbers."""
