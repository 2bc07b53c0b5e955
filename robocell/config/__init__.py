"""YAML with positions → problems with positions → model.

`robocell.config.load.load_cell` and `check_cell`, `robocell.config.scene.load_scene`, and
`robocell.config.problems.render`, `to_json`, `explain` are what the rest of the product uses.
"""
