"""A run's record → KPIs → terminal table, JSON, HTML.

`summary.Summary` folds events into a `result.Result`; `record.write_record` and `load_record` keep it on disk with its
events, layout and page; `terminal.render_summary` shows it. What is here reads the journal, never the controller's insides.
"""
