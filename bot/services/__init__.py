"""Use cases: load, let the domain decide, store as one. No SQL, no payloads."""
