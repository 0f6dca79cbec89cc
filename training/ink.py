"""Trains the network that finds ink in photos of pages, and says how well it does.

    python training/ink.py --pages 2400 --epochs 7

It learns from made-up pages alone (hello_dl.data.pages), of which it is known for every pixel how much of it
is ink. No real photo is needed, so anyone can make these weights anew. The result goes into the package.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import hello_dl
from hello_dl import functional as F
from hello_dl import optim, weights
from hello_dl.data.builtin import CHARACTERS
from hello_dl.data.builtin.writer import Ink, stream
from hello_dl.data.pages import generate_blank
from hello_dl.data.pages.generate import compose
from hello_dl.data.pages.handwriting import rasterise
from hello_dl.data.pages.photograph import photograph
from hello_dl.data.pages.surfaces import clouds
from hello_dl.reading.ink_map.network import CELL, contrast, ink_network, to_cells
from hello_dl.tensors.creation import tensor
from hello_dl.train import one_cycle
from textures import texture

Bytes = NDArray[np.uint8]

SHIPPED = Path(hello_dl.__file__).with_name("shipped") / "ink.safetensors"
FIRST_PAGE = 2_000_000  # seeds of the pages to learn from; tests and benchmarks use others
FIRST_HELD_BACK = 3_000_000
SIDE, RIM = 192, 32  # pixels of a crop, and of the photo around it by which the light is judged
CROPS = 7  # of a page
LITTLE = 0.015  # share of ink in a picture of which most squares would be empty
TALL = (12.0, 85.0)  # pixels of height that the usual letter has in a crop
TINY = 0.15  # share of pages that are too far away to be read
TINIEST = (3.0, 9.0)  # pixels of height of their letters
BLANK, DRAWN, TURNED = 0.2, 0.15, 0.15  # chances: no writing, drawn on a screen, dark for light
SURFACE, SURFACE_SIDE = 0.5, 600  # share of the pictures without writing that are mere patterns; pixels
FARTHEST = 0.1  # of its size at which one is seen, for large letters are looked for in small copies
LONE = 0.12  # chance of a few large letters
BOLD = (0.1, 0.5)  # chances of a marker: on a page, and for a few large letters
BOLDEST = 3.5  # times thicker than a pen that a marker is
DRY, DRIEST = 0.4, 0.85  # chance of a pen that skips, and the most of its ink that it then leaves out
FAINT, FAINTEST = 0.4, 0.25  # share of crops with less contrast, and the least share of it that is left
GRAINY, GRAIN = 0.6, 0.035  # share of crops with grain, and the light's largest standard deviation
COARSE = (1.0, 16.0)  # pixels that the grain's spots are wide
PENS = 0.35  # standard deviation of the log of how much thicker or thinner the pen is


def crops_of(seed: int) -> tuple[Bytes, Bytes]:
    """Make a page up, and cut squares out of its photo.

    Returns grey (n, SIDE + 2 RIM, SIDE + 2 RIM) and ink (n, SIDE, SIDE).
    """
    rng = stream(seed, 40)
    grey, ink, tall = _page(seed, rng)
    least = SIDE / min(grey.shape)  # or no square can be cut out
    tiny = False
    if tall is None:
        scale = float(np.exp(rng.uniform(np.log(FARTHEST), 0)))
    else:
        scale = min(2.0, float(np.exp(rng.uniform(*np.log(TALL)))) / tall)
        if rng.random() < TINY and TINIEST[1] / tall > least:
            # So the network says nothing rather than guesses, and a finer picture will be shown to it.
            scale, tiny = float(np.exp(rng.uniform(*np.log(TINIEST)))) / tall, True
            ink = np.zeros_like(ink)
    scale = max(scale, least)
    size = (max(SIDE, round(grey.shape[1] * scale)), max(SIDE, round(grey.shape[0] * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    grey, ink = (np.asarray(Image.fromarray(x).resize(size, way)) for x in (grey, ink))
    around = np.pad(grey, RIM, mode="edge")
    greys, inks = [], []
    for _ in range(2 if tiny else CROPS):
        # The best of some places: more often one with writing, and where there is little, hardly any without.
        tries = 2 if ink.mean() > 255 * LITTLE else 15
        places = [(rng.integers(size[1] - SIDE + 1), rng.integers(size[0] - SIDE + 1)) for _ in range(tries)]
        y, x = max(places, key=lambda p: int(ink[p[0] : p[0] + SIDE, p[1] : p[1] + SIDE].max()))
        greys.append(around[y : y + SIDE + 2 * RIM, x : x + SIDE + 2 * RIM])
        inks.append(ink[y : y + SIDE, x : x + SIDE])
    return np.stack(greys), np.stack(inks)


def _page(seed: int, rng: np.random.Generator) -> tuple[Bytes, Bytes, float | None]:
    """A photo in grey, how much of each pixel is ink (255 = all), and the usual letter's height, if any."""
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
    # The network looks for dark ink. Where the ink is light, the picture is turned round for it.
    if light:
        turned = not turned
    if turned:
        grey = 255 - grey
    return grey, np.zeros_like(share) if turned != light else share, tall


def make(first: int, pages: int, workers: int) -> tuple[Bytes, Bytes]:
    """Cut crops out of some pages."""
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(crops_of, range(first, first + pages), chunksize=8))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def batch(
    greys: Bytes, inks: Bytes, rng: np.random.Generator | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn crops into inputs and wanted outputs (n, 16, h, w) of the network.

    They are mirrored, turned and dimmed at random if `rng` is given.
    """
    x, y = [], []
    for grey, ink in zip(greys, inks, strict=True):
        values = grey.astype(np.float32) / 255
        if rng is not None:
            values, ink = _varied(values, ink, rng)
        x.append(to_cells(contrast(values)[RIM:-RIM, RIM:-RIM]))
        y.append(to_cells(ink.astype(np.float32) / 255))
    return np.stack(x), np.stack(y)


def _varied(
    grey: NDArray[np.float32], ink: Bytes, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Bytes]:
    """A crop with other contrast, noise and orientation."""
    grey = grey ** np.float32(np.exp(0.35 * rng.standard_normal()))
    if rng.random() < FAINT:  # a dry pen, a bleak picture
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
    """The mean loss, and of the pixels: how much of the ink is found, how much of what is found is ink."""
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
    size, steps = 32, args.epochs * (len(greys) // 32)
    step, begin = 0, time.perf_counter()
    for epoch in range(1, args.epochs + 1):
        order, losses = rng.permutation(len(greys)), []
        for at in range(0, len(greys) - size + 1, size):
            chosen = order[at : at + size]
            x, y = batch(greys[chosen], inks[chosen], rng)
            for group in optimizer.param_groups:
                group["lr"] = 3e-3 * one_cycle(step / steps)
            loss = F.binary_cross_entropy_with_logits(model(tensor(x)), tensor(y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            step += 1
        held, recall, precision = measure(model, greys_h, inks_h)
        print(
            f"epoch {epoch}: loss {np.mean(losses):.4f}, held back {held:.4f}: {recall:.1%} of the ink found,"
            f" {precision:.1%} of what was found is ink; {time.perf_counter() - begin:.0f} s",
            flush=True,
        )
        weights.save(
            args.out, model, seed=args.seed, step=step, command="python training/ink.py",
            trained_on="hello_dl.data.pages", cell=CELL, hello_dl=hello_dl.__version__,
        )  # fmt: skip
    weights.quantise(args.out, args.shipped, bits=8)
    print(f"{args.shipped}: {args.shipped.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
