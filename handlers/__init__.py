"""From Slack's payloads to the use cases and back: each listener parses, makes one call, and says what came of it."""
