"""The tests; each folder has its own question."""
