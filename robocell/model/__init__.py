"""The cell as frozen, plain data: one concept a file. Also the JSON Schema that editors use.

The root is `robocell.model.cell.Cell`, a scene's is `robocell.model.scene.Scene`. All values are SI: metres,
radians, seconds, kilograms, newtons, ratios as fractions. Mappings are stored sorted by name. Nothing is
imported here, so that a part of the product loads only the models that it uses.
"""
