"""The numeric core of inspection: arrays and plain models in, verdicts out.

`runner.inspect(recipe, frame) -> Verdict` judges a `frame.Frame` by a `runner.PreparedRecipe`, which
`runner.load_recipe` reads; `teach.teach` learns a recipe's model; `marking.mark` draws a verdict on its
picture.
"""
