"""Runs the measurements asked for."""

import sys

from bench import ballots, live, pages, threads
from bench.report import Report

BENCHES = {"pages": pages.run, "live": live.run, "threads": threads.run, "ballots": ballots.run}


def main() -> int:
    names = sys.argv[1:] or list(BENCHES)
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"no such bench: {', '.join(sorted(unknown))} (there are: {', '.join(BENCHES)})", file=sys.stderr)
        return 2
    report = Report()
    for name in names:
        BENCHES[name](report)
    return 0 if report.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
