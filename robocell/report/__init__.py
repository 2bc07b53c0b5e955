"""A run's record → KPIs → terminal table, JSON, HTML."""
