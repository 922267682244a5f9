"""Campaigns that differ in values only: one template, and a table with a row for each."""
