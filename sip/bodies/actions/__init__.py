"""Everything that changes bodies, who sits in them, and matters referred to them."""
