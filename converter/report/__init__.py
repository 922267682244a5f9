"""The report: one model, the catalogue of its messages, and its renderings."""
