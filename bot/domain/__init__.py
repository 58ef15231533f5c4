"""The rules of escalation: values and functions, nothing that reads a clock, a setting, a table or Slack."""
