"""Trains the network that finds ink in photos of pages, and says how well it does.

    python training/ink.py --pages 2400 --epochs 7

It learns from made-up pages alone (hello_dl.data.pages), of which the ink of every pixel is known. So it
needs no real photo, and everybody can make these weights again. The result goes into the package.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import hello_dl
from hello_dl import Tensor, optim, weights
from hello_dl import functional as F
from hello_dl.data.builtin import CHARACTERS
from hello_dl.data.builtin.writer import Ink, stream
from hello_dl.data.pages import generate_blank
from hello_dl.data.pages.generate import compose
from hello_dl.data.pages.handwriting import rasterise
from hello_dl.data.pages.photograph import photograph
from hello_dl.data.pages.surfaces import clouds
from hello_dl.optim.lr_scheduler import LambdaLR
from hello_dl.reading.ink_map.network import CELL, contrast, ink_network, to_cells
from hello_dl.tensors.creation import tensor
from hello_dl.train import one_cycle
from hello_dl.train.steps import steps
from textures import texture

Bytes = NDArray[np.uint8]

SHIPPED = Path(hello_dl.__file__).with_name("shipped") / "ink.safetensors"
FIRST_PAGE = 2_000_000  # seeds of the pages to learn from; tests and benchmarks use others
FIRST_HELD_BACK = 3_000_000
SIDE = 192  # pixels of a crop's side
RIM = 32  # pixels of the photo kept around a crop, to compute the contrast
CROPS = 7  # of a page
SIZE = 32  # crops in a batch
LITTLE = 0.015  # share of ink below which most crops would be empty, so that more places are tried
TALL = (12.0, 85.0)  # pixels: least and largest height of the usual letter in a crop
TINY = 0.15  # share of pages that are too small to be read
TINIEST = (3.0, 9.0)  # pixels: least and largest height of their letters
BLANK, DRAWN, TURNED = 0.2, 0.15, 0.15  # shares of pictures: no writing, drawn on a screen, inverted
SURFACE = 0.5  # share of the pictures without writing that are mere patterns
SURFACE_SIDE = 600  # pixels of their side
FARTHEST = 0.1  # least scale of a picture without writing, for ink is looked for in small copies, too
LONE = 0.12  # share of pages with a few large letters
BOLD = (0.1, 0.5)  # shares of pages written with a marker: usual pages, and a few large letters
BOLDEST = 3.5  # times thicker than a pen, at most, that a marker is
DRY, DRIEST = 0.4, 0.85  # share of pens that skip, and the largest share of their ink that is then missing
FAINT, FAINTEST = 0.4, 0.25  # share of crops with less contrast, and the least share of it that is left
GRAINY, GRAIN = 0.6, 0.035  # share of crops with grain, and its largest standard deviation, of the light
COARSE = (1.0, 16.0)  # pixels: least and largest width of the grain's spots
PENS = 0.35  # standard deviation of the natural logarithm of the pen's thickness


def crops_of(seed: int) -> tuple[Bytes, Bytes]:
    """Make up a page, and cut squares out of its photo.

    Returns grey (n, SIDE + 2 RIM, SIDE + 2 RIM) and ink (n, SIDE, SIDE).
    """
    rng = stream(seed, 40)
    grey, ink, tall = _page(seed, rng)
    least = SIDE / min(grey.shape)  # smaller scales leave no room for a square
    tiny = False
    if tall is None:
        scale = float(np.exp(rng.uniform(np.log(FARTHEST), 0)))
    else:
        scale = min(2.0, float(np.exp(rng.uniform(*np.log(TALL)))) / tall)
        if rng.random() < TINY and TINIEST[1] / tall > least:
            # The network learns to find nothing in them rather than to guess.
            scale, tiny = float(np.exp(rng.uniform(*np.log(TINIEST)))) / tall, True
            ink = np.zeros_like(ink)
    scale = max(scale, least)
    size = (max(SIDE, round(grey.shape[1] * scale)), max(SIDE, round(grey.shape[0] * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    grey, ink = (np.asarray(Image.fromarray(x).resize(size, way)) for x in (grey, ink))
    around = np.pad(grey, RIM, mode="edge")
    greys, inks = [], []
    for _ in range(2 if tiny else CROPS):
        # Of some places the one with the strongest ink, so that few squares are empty.
        tries = 2 if ink.mean() > 255 * LITTLE else 15
        places = [(rng.integers(size[1] - SIDE + 1), rng.integers(size[0] - SIDE + 1)) for _ in range(tries)]
        y, x = max(places, key=lambda p: int(ink[p[0] : p[0] + SIDE, p[1] : p[1] + SIDE].max()))
        greys.append(around[y : y + SIDE + 2 * RIM, x : x + SIDE + 2 * RIM])
        inks.append(ink[y : y + SIDE, x : x + SIDE])
    return np.stack(greys), np.stack(inks)


def _page(seed: int, rng: np.random.Generator) -> tuple[Bytes, Bytes, float | None]:
    """Return a photo in grey (H, W), its ink (H, W), and the usual letter's height in pixels, or None.

    Ink is the share of each pixel that is covered, 255 = all.
    """
    difficulty = str(rng.choice(["easy", "medium", "hard"], p=[0.2, 0.35, 0.45]))
    megapixels = float(rng.uniform(0.5, 1.6))
    turned = bool(rng.random() < TURNED)
    if rng.random() < BLANK:
        if rng.random() < SURFACE:
            grey = np.rint(255 * texture(rng, SURFACE_SIDE)).astype(np.uint8)
        else:
            photo = generate_blank(seed, difficulty, megapixels=3 * megapixels)[0]
            grey = np.asarray(photo.convert("L"))
        return 255 - grey if turned else grey, np.zeros_like(grey), None
    kind = str(rng.choice(["letters", "characters"], p=[0.6, 0.4]))
    lone = "".join(rng.choice(list(CHARACTERS), rng.integers(1, 6))) if rng.random() < LONE else None
    shot, luck = compose(seed, difficulty, lone, kind=kind, megapixels=megapixels)
    bold = bool(rng.random() < BOLD[lone is not None])
    thicker = np.float32(rng.uniform(1.5, BOLDEST) if bold else np.exp(PENS * rng.standard_normal()))
    inks = [Ink(ink.xy, ink.radius * thicker, ink.pen_down) for ink in shot.scene.inks]
    share = rasterise(inks, shot.view, shot.size)
    tall = 1.5 * float(shot.about["x_height"])
    light = shot.scene.pen == "white"
    if rng.random() < DRAWN:
        paper, pen = float(rng.uniform(200, 255)), float(rng.uniform(0, 140))
        grey = np.rint(paper + share.astype(np.float32) / 255 * (pen - paper)).astype(np.uint8)
        light = False
    else:
        dry = float(rng.uniform(0, DRIEST)) if rng.random() < DRY else 0.0
        scene = replace(shot.scene, inks=inks, dry=dry)
        grey = np.asarray(photograph(scene, shot.view, shot.size, shot.recipe, luck).convert("L"))
    # The network looks for dark ink. Where the ink is light, the picture is inverted.
    if light:
        turned = not turned
    if turned:
        grey = 255 - grey
    return grey, np.zeros_like(share) if turned != light else share, tall


def make(first: int, pages: int, workers: int) -> tuple[Bytes, Bytes]:
    """Return crops of some pages: grey (n, SIDE + 2 RIM, SIDE + 2 RIM) and ink (n, SIDE, SIDE)."""
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(crops_of, range(first, first + pages), chunksize=8))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def batch(
    greys: Bytes, inks: Bytes, rng: np.random.Generator | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn crops into inputs and wanted outputs (n, 16, h, w) of the network.

    They are mirrored, turned and dimmed at random if `rng` is given; without it they stay as they are.
    """
    x, y = [], []
    for grey, ink in zip(greys, inks, strict=True):
        values = grey.astype(np.float32) / 255
        if rng is not None:
            values, ink = _varied(values, ink, rng)
        x.append(to_cells(contrast(values)[RIM:-RIM, RIM:-RIM]))
        y.append(to_cells(ink.astype(np.float32) / 255))
    return np.stack(x), np.stack(y)


def batches(greys: Bytes, inks: Bytes, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the inputs and wanted outputs of one epoch, SIZE crops at a time, in a new order."""
    order = rng.permutation(len(greys))
    for at in range(0, len(greys) - SIZE + 1, SIZE):
        x, y = batch(greys[order[at : at + SIZE]], inks[order[at : at + SIZE]], rng)
        yield tensor(x), tensor(y)


def _varied(
    grey: NDArray[np.float32], ink: Bytes, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Bytes]:
    """Return a crop and its ink with other contrast, noise and orientation."""
    grey = grey ** np.float32(np.exp(0.35 * rng.standard_normal()))
    if rng.random() < FAINT:
        paper = np.median(grey)
        grey = paper + np.float32(np.exp(rng.uniform(np.log(FAINTEST), 0))) * (grey - paper)
    grey = grey * np.float32(rng.uniform(0.5, 1.0))
    if rng.random() < GRAINY:  # paper is rough, and the light may fall on it from the side
        spots = float(np.exp(rng.uniform(*np.log(COARSE))))
        grey = grey * (1 + np.float32(rng.uniform(0, GRAIN)) * clouds(rng, grey.shape, spots))
    if rng.random() < 0.5:
        grey = grey + np.float32(0.02 * rng.random()) * rng.standard_normal(grey.shape, np.float32)
    grey = np.clip(grey, 0, 1)
    turns = int(rng.integers(4))
    grey, ink = np.rot90(grey, turns), np.rot90(ink, turns)
    return (np.flip(grey, 1), np.flip(ink, 1)) if rng.random() < 0.5 else (grey, ink)


def measure(model: hello_dl.nn.Module, greys: Bytes, inks: Bytes) -> tuple[float, float, float]:
    """Return the mean loss, and of the pixels the recall and the precision of ink, 0 to 1."""
    total, hit, found, true = 0.0, 0.0, 0.0, 0.0
    model.eval()
    with hello_dl.no_grad():
        for at in range(0, len(greys), 32):
            x, y = batch(greys[at : at + 32], inks[at : at + 32], None)
            scores = model(tensor(x))
            total += F.binary_cross_entropy_with_logits(scores, tensor(y)).item() * len(x)
            says, is_ink = scores.numpy() > 0, y > 0.5
            hit, found, true = hit + (says & is_ink).sum(), found + says.sum(), true + is_ink.sum()
    model.train()
    return total / len(greys), hit / max(true, 1), hit / max(found, 1)


def main() -> None:
    """Make pages or load them, train, and write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2400)
    parser.add_argument("--held-back", type=int, default=60, help="pages by which it is judged")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2, help="processes that make pages up")
    parser.add_argument("--crops", type=Path, help="file in which the crops are kept for the next time")
    parser.add_argument("--out", type=Path, default=Path("ink-float.safetensors"), help="float weights")
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="the same in 8 bits, for the package")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.crops and args.crops.is_file():
        kept = np.load(args.crops)
        greys, inks, greys_h, inks_h = (kept[f"arr_{i}"] for i in range(4))
    else:
        greys, inks = make(FIRST_PAGE, args.pages, args.workers)
        greys_h, inks_h = make(FIRST_HELD_BACK, args.held_back, args.workers)
        if args.crops:
            np.savez(args.crops, greys, inks, greys_h, inks_h)
    print(f"{len(greys):,} crops, {len(greys_h)} held back", flush=True)
    hello_dl.manual_seed(args.seed)
    rng = np.random.Generator(np.random.Philox(args.seed))
    model = ink_network()
    optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    total, begin = args.epochs * (len(greys) // SIZE), time.perf_counter()
    schedule = LambdaLR(optimizer, lambda done: one_cycle(done / total))
    number = 0
    for epoch in range(1, args.epochs + 1):
        losses = []
        for step in steps(
            model, batches(greys, inks, rng), F.binary_cross_entropy_with_logits, optimizer, first=number + 1
        ):
            number = step.number
            losses.append(step.loss)
            schedule.step()
        held, recall, precision = measure(model, greys_h, inks_h)
        print(
            f"epoch {epoch}: loss {np.mean(losses):.4f}, held back {held:.4f}: {recall:.1%} of the ink found,"
            f" {precision:.1%} of what was found is ink; {time.perf_counter() - begin:.0f} s",
            flush=True,
        )
        weights.save(
            args.out, model, seed=args.seed, step=number, command="python training/ink.py",
            trained_on="hello_dl.data.pages", cell=CELL, hello_dl=hello_dl.__version__,
        )  # fmt: skip
    weights.quantise(args.out, args.shipped, bits=8)
    print(f"{args.shipped}: {args.shipped.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
