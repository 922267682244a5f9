"""What would run, from both sides, and how they compare; it knows nothing of the mapping."""
