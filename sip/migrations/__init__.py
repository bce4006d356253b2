"""Changes of the database's shape, in order; `env.py` runs them."""
