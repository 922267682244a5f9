"""What may be said about a setting: fates, the settings table, the messages."""
