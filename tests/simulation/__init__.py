"""Random stories, foretold and then lived."""
