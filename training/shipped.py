"""Trains the weights that come with the package, and says how good they are.

    python training/shipped.py letters --data ../shared/data
    python training/shipped.py characters --data ../shared/data --start letters-float.safetensors
    python training/shipped.py digits --data ../shared/data

The folder has mnist, letters-nist, nist-small, chars-photo and chars-unipen: only sets that may train shipped
weights are read, and the embedded generator. A tenth of each real set is held back, of UNIPEN a tenth of the
writers: it chooses the shares, the epoch, the temperature and the threshold. The result, with 32 bits a
weight, is written to --out; the package gets its weights in few bits. benchmarks/shipped.py measures them on
other people's handwriting.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import functional as F
from hello_dl import models, nn, weights
from hello_dl.data import CODES, Images, WeightedRandomSampler, concatenate, load
from hello_dl.data.augment import HANDWRITING, Augmentation
from hello_dl.data.idx import read_idx
from hello_dl.evaluation import predict_scores
from hello_dl.evaluation.calibration import choose_threshold, fit_temperature, softmax
from hello_dl.train import fit, one_cycle
from hello_dl.train.history import Epoch

SHIPPED = Path(hello_dl.__file__).with_name("shipped")
EPOCH_IMAGES, BATCH_SIZE, WIDTH = 60_000, 64, 16  # images in an epoch and in a step; channels of the network
LEARN = 0.9  # share of a set, or of UNIPEN's writers, that is learned from; the rest is held back
UNIPEN = "chars-unipen/train:byclass62"


@dataclass(frozen=True)
class Recipe:
    """The data and the settings of one network's training."""

    code: str
    sets: dict[str, float]  # source of data, and its share (0 to 1) of the images that are drawn
    stages: tuple[tuple[int, float, Augmentation], ...]  # epochs, highest learning rate, changes of images
    precision: float = 0.99  # share of the answers given that has to be right, on data held back


# For handwriting of people, pens and cameras that are not in the sets.
STRANGERS = replace(HANDWRITING, scale=(0.75, 1.1), thickness=0.8, coarse=0.1, flip=2, erase=0.1)
# For letters that are cut off at the edge, and for scans at a low resolution.
ROUGH = replace(STRANGERS, shift=3.0, scale=(0.7, 1.3), contrast=0.3, coarse=0.2)
MNIST = Augmentation(
    shift=2.0, degrees=10.0, shear=0.2, scale=(0.85, 1.1), elastic=0.6, thickness=0.4, contrast=0.1
)
RECIPES = {
    "letters": Recipe(
        "letters26",
        {
            "builtin:150000": 0.25,
            "letters-nist/all:letters26": 0.15,
            "nist-small/all:byclass62": 0.15,
            "chars-photo/all:byclass62": 0.15,
            UNIPEN: 0.3,
        },
        ((40, 3e-3, STRANGERS),),
    ),
    "characters": Recipe(
        "balanced47",
        {
            "builtin:150000": 0.25,
            "letters-nist/all:letters26": 0.05,
            "nist-small/all:byclass62": 0.1,
            "chars-photo/all:byclass62": 0.15,
            "mnist/train:digits": 0.1,
            UNIPEN: 0.35,
        },
        ((20, 2e-3, ROUGH),),  # begins with the convolutions of the letters
    ),
    "digits": Recipe(
        "digits",
        {"mnist/train:digits": 0.7, UNIPEN: 0.3},
        ((14, 3e-3, MNIST), (8, 1e-3, MNIST)),
        precision=0.999,
    ),
}


def balanced_shares(parts: list[Images], shares: list[float]) -> NDArray[np.float64]:
    """Return a weight for every item (n,): a set gets its share, its classes equal parts of that."""
    numbers = []
    for part, share in zip(parts, shares, strict=True):
        counts = np.bincount(part.labels, minlength=len(part.classes))
        numbers.append(share / counts[part.labels] / np.count_nonzero(counts))
    return np.concatenate(numbers)


def load_parts(recipe: Recipe, folder: Path, seed: int) -> tuple[list[Images], list[Images]]:
    """Load the sets of a recipe: the parts to learn from, and the parts held back.

    A tenth of each real set is held back; of the generator's images, 3,000 by other writers; of UNIPEN, all
    characters by a tenth of the writers.
    """
    classes = CODES[recipe.code].classes
    train, held_back = [], []
    for source in recipe.sets:
        if source.startswith("builtin"):
            learn = load(source, classes=classes, seed=seed)
            keep = load("builtin:3000", classes=classes, split="test", seed=seed)
        elif source == UNIPEN:
            learn, keep = (part.only(classes) for part in by_writers(folder / "chars-unipen", seed))
        else:
            learn, keep = load(str(folder / source), classes=classes).split(LEARN, seed)
        train.append(learn)
        held_back.append(keep)
    return train, held_back


def by_writers(folder: Path, seed: int) -> tuple[Images, Images]:
    """Load UNIPEN's characters in two parts without a common writer: to learn from, and held back.

    Left out is what looks like no other writer's character of its class: half of such labels are wrong.
    """
    data = load(f"{folder}/train:byclass62")
    writers = read_idx(folder / "train-writers-idx1-short.gz")
    credible = read_idx(folder / "train-agreement-idx1-ubyte.gz") > 0
    names = np.random.default_rng(seed).permutation(np.unique(writers))
    learned = np.isin(writers, names[: round(LEARN * len(names))])
    return data.take(np.flatnonzero(credible & learned)), data.take(np.flatnonzero(credible & ~learned))


def start_from(model: nn.Module, path: str) -> None:
    """Copy from another network the tensors that have the same name and shape: its convolutions."""
    theirs, own = weights.load(path)[0].state_dict(), model.state_dict()
    taken = {name: t for name, t in theirs.items() if name in own and t.shape == own[name].shape}
    model.load_state_dict({**own, **taken})
    print(f"{len(taken)} of {len(own)} tensors begin as in {path}")


def mean(states: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return the mean of the weights after each stage (stochastic weight averaging, Izmailov et al. 2018)."""
    return {
        name: np.mean([state[name] for state in states], axis=0, dtype=states[0][name].dtype)
        for name in states[0]
    }


def show(epoch: Epoch) -> None:
    """Print the loss of an epoch, and the accuracy on the images held back."""
    assert epoch.validation is not None
    result = epoch.validation
    print(
        f"epoch {epoch.epoch}: loss {epoch.loss:.4f}, held back {result.accuracy:.2%}, {epoch.seconds:.0f} s",
        flush=True,
    )


def smoothed(scores: hello_dl.Tensor, labels: hello_dl.Tensor) -> hello_dl.Tensor:
    """Return the cross entropy with label smoothing of 5 %: some labels of handwriting are wrong."""
    return F.cross_entropy(scores, labels, label_smoothing=0.05)


def main() -> None:
    """Train one network, measure it on held-back images, and write its weights in 32 and in few bits."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", choices=sorted(RECIPES))
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets")
    parser.add_argument("--out", type=Path, help="float weights (default: NETWORK-float.safetensors)")
    parser.add_argument("--start", metavar="WEIGHTS", help="begin with the convolutions of these weights")
    parser.add_argument("--bits", type=int, default=8, help="bits a weight in the package (default: 8)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    recipe = RECIPES[args.network]
    out = args.out or Path(f"{args.network}-float.safetensors")

    parts, held_back = load_parts(recipe, args.data, args.seed)
    train, judge = concatenate(parts), concatenate(held_back)
    shares = balanced_shares(parts, list(recipe.sets.values()))
    hello_dl.manual_seed(args.seed)
    model = models.letters_resnet(len(train.classes), WIDTH)
    if args.start:
        start_from(model, args.start)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(train):,} images", flush=True)
    states = []
    for number, (epochs, lr, augmentation) in enumerate(recipe.stages, start=1):
        history = fit(
            model,
            train,
            judge,
            epochs=epochs,
            batch_size=BATCH_SIZE,
            optimizer=hello_dl.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01),
            schedule=one_cycle,
            loss=smoothed,
            augment=augmentation,
            sampler=WeightedRandomSampler(shares, EPOCH_IMAGES, seed=args.seed + number - 1),
            average=0.999,
            seed=args.seed + number - 1,
            on_epoch=show,
        )
        states.append({tensor: values.numpy().copy() for tensor, values in model.state_dict().items()})
    model.load_state_dict(mean(states))

    scores = predict_scores(model, judge, normalisation=history.normalisation)
    temperature = fit_temperature(scores, judge.labels)
    sure = softmax(scores, temperature)
    right = scores.argmax(axis=1) == judge.labels
    ends = np.cumsum([len(part) for part in held_back])
    for part, own in zip(held_back, np.split(right, ends[:-1]), strict=True):
        print(f"{part.name}: {own.mean():.2%} of {len(part)} held back are right")
    choice = choose_threshold(sure.max(axis=1), right, recipe.precision)
    weights.save(
        out,
        model,
        classes=train.classes,
        merged=train.merged,
        normalisation=history.normalisation,
        seed=args.seed,
        accuracy=float(right.mean()),
        temperature=temperature,
        threshold=choice.threshold,
        command=f"python training/shipped.py {args.network}",
        trained_on=", ".join(recipe.sets),
        hello_dl=hello_dl.__version__,
    )
    print(
        f"temperature {temperature:.3f}; with at least {choice.threshold:.3f} certain, {choice.answered:.1%}"
        f" are answered and {choice.precision:.2%} of those right"
    )
    SHIPPED.mkdir(exist_ok=True)
    weights.quantise(out, SHIPPED / f"{args.network}.safetensors", bits=args.bits)
    for path in (out, SHIPPED / f"{args.network}.safetensors"):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
