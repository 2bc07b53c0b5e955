"""What others would do, as well as their library lets them."""
