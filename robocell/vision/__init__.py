"""The numeric core of inspection: arrays and plain models in, verdicts out.

`runner.inspect(recipe, frame) -> Verdict` judges a `frame.Frame` by a recipe that `robocell.load_recipe` reads;
`teach.teach` learns what a recipe needs; `marking.mark` draws a verdict on its picture.
"""
