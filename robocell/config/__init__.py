"""YAML with positions → problems with positions → model.

`robocell.config.prepare.prepare` (a cell with all that it names, for a run), `robocell.config.load.load_cell` and
`check_cell`, `robocell.config.scene.load_scene`, and
`robocell.config.problems.render`, `to_json`, `explain` are what the rest of the product uses.
"""
