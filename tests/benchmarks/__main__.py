"""`python -m tests.benchmarks`: the measurements, as `make bench` runs them."""

from tests.benchmarks.run import main

main()
