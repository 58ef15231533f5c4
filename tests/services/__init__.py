"""Use cases against a real database, with a Slack that records what it was asked."""
