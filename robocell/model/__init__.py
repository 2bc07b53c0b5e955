"""The cell as frozen, plain data: one concept a file. Also the JSON Schema that editors use."""
