"""Every message as a picture of its JSON, and within Slack's limits whatever people type."""
