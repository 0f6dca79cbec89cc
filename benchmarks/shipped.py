"""Measures the weights that come with the package on handwriting of people who are not in its training data.

    python benchmarks/shipped.py --data ../shared/data [--float FOLDER]

The sets are for measuring only: chars-pen, chars-apl, chars-scan, chars-mouse, words-taskar; and MNIST's test
part. Prints a Markdown table: accuracy, expected calibration error, share answered at the file's threshold
and accuracy on these, and accuracy with a shift of 2 and 5 flipped pixels. --float names the folder where
training/shipped.py has written NETWORK-float.safetensors, to measure these weights of 32 bits as well.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from hello_dl import weights
from hello_dl.data import load
from hello_dl.evaluation import Classifier
from hello_dl.evaluation.robustness import disturbances, measure

WRITERS = ("chars-pen/all", "chars-apl/all", "chars-scan/all", "chars-mouse/all", "words-taskar/test")
SETS = {
    "letters": {name: f"{name}:byclass62" for name in WRITERS},
    "characters": {name: f"{name}:byclass62" for name in WRITERS[:4]},
    "digits": {"mnist/t10k": "mnist/t10k:digits"},
}
DISTURBED = {"letters": "chars-pen/all", "digits": "mnist/t10k"}  # sets that are also shifted and flipped


def show(name: str, path: Path, folder: Path) -> None:
    """Print a row for each set that the network can be measured on."""
    classifier = Classifier.load(path)
    kilobytes = path.stat().st_size / 1000
    for place, source in SETS[name].items():
        data = load(str(folder / source), classes=classifier.classes)
        hard = disturbances(2, 5) if DISTURBED.get(name) == place else None
        result = measure(classifier, data, hard)
        given = result.given
        answered = "" if given is None else f"{given.answered:.1%}, {given.precision:.2%} of them right"
        worst = f"{result.disturbed['both']:.2%}" if hard else ""
        cells = [name, f"{kilobytes:.0f} kB", place, str(result.n), f"{result.accuracy:.2%}"]
        cells += [f"{result.calibration_error:.2%}", answered, worst]
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Read the options, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets")
    parser.add_argument("--float", type=Path, metavar="FOLDER", help="also the weights before quantisation")
    parser.add_argument("--only", choices=sorted(SETS), help="one network")
    args = parser.parse_args()
    print("| weights | size | measured on | n | right | calibration error | answered | shift 2, flip 5 |")
    print("|---|---|---|---|---|---|---|---|")
    for name in [args.only] if args.only else SETS:
        show(name, weights.find(name), args.data)
        if args.float:
            show(name, args.float / f"{name}-float.safetensors", args.data)


if __name__ == "__main__":
    main()
