"""Measurements that `bin/bench` runs: ratios in one run, never bare times."""
