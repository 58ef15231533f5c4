"""Several real bots over one PostgreSQL and one Slack: any is killed, paused or added, and no fact is lost."""
