"""Bodies of the cooperative: their role and people, and matters that members refer to them."""
