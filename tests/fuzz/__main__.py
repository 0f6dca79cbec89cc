"""Fuzzes the readers in turn for so many seconds, prints a table, and ends with 1 if there is a finding."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.readers import READERS
from tests.fuzz.run import fuzz

parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
parser.add_argument("--seconds", type=float, default=60, help="for all readers together")
parser.add_argument("--only", choices=READERS, nargs="+", help="these readers")
parser.add_argument("--seed", type=int, default=0, help="number of the first damaged file")
parser.add_argument("--count", type=int, help="damaged files of each reader, instead of --seconds")
given = parser.parse_args()
findings = fuzz(given.only or list(READERS), given.seconds, given.seed, given.count)
sys.exit(1 if findings else 0)
