"""Circuit boards: bare boards that the product draws itself, with the six kinds of defect, and pictures of real ones.

`artwork` draws a design's copper; `flaws` plants defects whose truth is known; `label` prints the code that tells a
board's design and number; `look` puts them on a part's face, or a picture from a folder in place of the drawn artwork.
"""
