"""Migrating whole directories: found, converted, recorded, summed up."""
