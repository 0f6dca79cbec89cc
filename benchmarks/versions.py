"""Measures this version of hello_dl against another one: the same steps, in one run.

    python benchmarks/versions.py --other FOLDER                  everything, about six minutes
    python benchmarks/versions.py --other FOLDER --only letters   only the tasks with this in their names

FOLDER holds the other version's package `hello_dl`, built: the `python` folder of a checkout after
`pip install -e .`, or what `pip install --target FOLDER` wrote. The tasks are those of speed.py, sequences.py
and text.py. The versions run in processes of their own, in turn; a round gives one ratio, and the medians of
all rounds are printed. A ratio above 1 means that this version is faster.
"""

from __future__ import annotations

import os
import statistics
from functools import partial
from pathlib import Path

import sequences
import speed
from measuring import in_turn, parser_of, run_worker

HERE = Path(__file__).parent
TASKS = {
    **{name: ("speed.py", "--only", name) for name in speed.TASKS},
    **{name: ("sequences.py", "--only", name) for name in sequences.TASKS},
    **{f"GPT of 0.8 M, {task}": ("text.py", task) for task in ("training", "writing")},
}


def measure(folder: str, task: tuple[str, ...], threads: int) -> float:
    """Return images or tokens per second of the version in a folder ("": the installed one)."""
    script, *arguments = task
    environment = {**os.environ, **({"PYTHONPATH": folder} if folder else {})}
    options = ["--worker", "hello_dl", "--threads", threads]
    return float(run_worker(str(HERE / script), *arguments, *options, environment=environment))


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = parser_of(__doc__, rounds=5)
    parser.add_argument("--other", metavar="FOLDER", required=True, help="where the other version lies")
    parser.add_argument("--only", default="", help="only tasks with this in their names")
    options = parser.parse_args()
    if not (Path(options.other) / "hello_dl").is_dir():
        parser.error(f"{options.other} has no folder hello_dl")
    print(f"images or tokens per second on {options.threads} threads, medians of {options.rounds} rounds\n")
    print("| task | this version | the other | ratio | lowest | highest |\n|---|---|---|---|---|---|")
    for name, task in TASKS.items():
        if options.only not in name:
            continue
        speeds = in_turn(
            ("", options.other), options.rounds, partial(measure, task=task, threads=options.threads)
        )
        ours, theirs = speeds.values()
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        middles = f"{statistics.median(ours):,.0f} | {statistics.median(theirs):,.0f}"
        spread = f"{statistics.median(ratios):.3f} | {min(ratios):.3f} | {max(ratios):.3f}"
        print(f"| {name} | {middles} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
