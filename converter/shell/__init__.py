"""A shell that follows scripts on files that do not exist: it tells what they would do."""
