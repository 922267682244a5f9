"""What project.py submits and what its worker does (larbatch)."""
