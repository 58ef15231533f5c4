"""The schema: up from nothing, down again, and what is refused."""
