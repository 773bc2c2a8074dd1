"""`make bench`: what we promise, beside what this machine does. Prints; never passes or fails by the clock.

    python -m bench [--quick] [NAME …]       NAME: match, line, store
    python -m bench.labels --help            labels are measured with files of labelled posts

Times of a shared machine move: compare ratios within one run, and read medians.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys

BENCHES = {
    "match": (["bench.match"], ["bench.match", "--quick"]),
    "line": (["bench.line"], ["bench.line", "--seconds", "20"]),
    "store": (["bench.store"], ["bench.store", "--posts", "100000"]),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="NAME")
    options.add_argument("--quick", action="store_true", help="smaller sizes: minutes instead of an hour")
    asked = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n", flush=True)
    for name in asked.names or BENCHES:
        whole, quick = BENCHES[name]
        command = [sys.executable, "-m", *(quick if asked.quick else whole)]
        print(f"── {name}: python {' '.join(command[1:])}", flush=True)
        subprocess.run(command, check=False)
        print(flush=True)


if __name__ == "__main__":
    main()
