"""What every room stands on: a closed list."""
