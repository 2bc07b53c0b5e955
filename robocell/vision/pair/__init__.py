"""How a picture of a board is compared with its template: bit planes, alignment, candidates, kinds."""
