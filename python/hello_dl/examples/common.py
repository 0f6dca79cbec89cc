"""What the examples share: a guard for errors, their options, and getting their images."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

import hello_dl
from hello_dl import data
from hello_dl.data.shuffle import permutation

DIGITS, LETTERS = data.CODES["digits"].classes, data.CODES["letters26"].classes


def run_example(main: Callable[[], None]) -> None:
    """Run an example; end quietly if the program that reads its output has ended, as in `... | head`."""
    try:
        main()
        sys.stdout.flush()  # a closed pipe may show only here
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        sys.exit(1)


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the program with one line on stderr if an option, a file or a missing library is at fault."""
    try:
        yield
    except BrokenPipeError:
        raise  # nothing is at fault: see `run_example`
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f"error: {error}")


def make_parser(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser of options that shows the example's docstring, its lines as they are, in --help."""
    return argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)


def options(
    doc: str | None, *, epochs: int | None = None, images: int | None = None, out: str | None = None
) -> argparse.ArgumentParser:
    """Return a parser of the options that examples with images share; an example adds its own.

    The defaults of --epochs and --images, and the help of --out, are given by examples that have them.
    """
    parser = make_parser(doc)
    learn_from = "what to learn from: builtin[:N], mnist or PATH[:CODE] (default: %(default)s)"
    parser.add_argument("--data", default="builtin", metavar="SOURCE", help=learn_from)
    tested_on = "what to be tested on (default: the test part of --data; a fifth of it if it is a PATH)"
    parser.add_argument("--test", metavar="SOURCE", help=tested_on)
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--threads", type=int, help="cores to compute on (default: all)")
    if epochs is not None:
        passes = "passes over the images (default: %(default)s)"
        parser.add_argument("--epochs", type=int, default=epochs, help=passes)
    if images is not None:
        few = "how many images to learn from (default: %(default)s)"
        parser.add_argument("--images", type=int, default=images, help=few)
    if out is not None:
        parser.add_argument("--out", metavar="PATH.png", help=out)
    return parser


def open_images(
    args: argparse.Namespace, classes: Sequence[str] | None = None, count: int | None = None
) -> tuple[data.Images, data.Images]:
    """Return the images to learn from and those to be tested on; a mistake ends the program with one line.

    Without `classes` these are the letters a to z, capitals counted as small letters, or the digits if the
    data hold nothing else. With `count`, so many images to learn from are drawn at random.
    """
    named = args.data.partition(":")[0] in ("builtin", *data.download.NAMES)  # a source with a test part
    with errors_in_one_line():
        if args.threads is not None:
            hello_dl.set_num_threads(args.threads)
        hello_dl.manual_seed(args.seed)
        if classes is None:
            builtin = args.data.startswith("builtin")  # it has all classes
            classes = LETTERS if builtin or set(LETTERS) & set(data.load(args.data).classes) else DIGITS
        train = data.load(args.data, classes=classes, seed=args.seed)
        if missing := [name for i, name in enumerate(classes) if i not in train.labels]:
            raise ValueError(f"{args.data}: needs images of every class, has none of {' '.join(missing)}")
        if args.test is None and not named:
            train, test = train.split(0.8, args.seed)
        else:
            test = data.load(args.test or args.data, classes=classes, split="test", seed=args.seed)
    return train if count is None else train.take(permutation(len(train), args.seed)[:count]), test


def pixels(images: data.Images) -> hello_dl.Tensor:
    """Return the images as a tensor (n, 28, 28), 0 = paper, 1 = ink."""
    return hello_dl.from_numpy(images.images.astype(np.float32) / 255)
