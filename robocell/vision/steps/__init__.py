"""One adapter for each tool of a recipe: the model's words → the numeric core → findings. `table` lists them."""
