"""Runs one command and prints what it cost, as JSON: seconds, processor seconds, ru_maxrss, exit code.

A program of its own, without imports that are not needed: Linux counts the memory that a process had before exec
towards its peak, so whoever starts what is measured must be small.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time


def main() -> None:
    begin = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    print([seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode])


if __name__ == "__main__":
    main()
