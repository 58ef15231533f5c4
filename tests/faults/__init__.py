"""Seeded stories in which everything that can fail does; services and storage are real, time and Slack are not."""
