"""The source side: project.py XML, read as project.py reads it."""
