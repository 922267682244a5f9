"""A shell that follows scripts and runs nothing."""
