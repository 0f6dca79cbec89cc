"""Attention for images: a small vision transformer learns letters beside the convolutional network.

A convolution looks at neighbouring pixels together, and uses the same filter everywhere. A transformer has to
learn both: it gets 49 patches of 4 x 4 pixels, a learned vector for the position of each, and every patch can
look at every other. So it needs more images, or more passes over them, for the same accuracy.

    python -m hello_dl.examples.vision_transformer --data builtin:60000 --out where-they-look.png
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl.data import DataLoader, ImageDataset
from hello_dl.evaluation import evaluate, predict
from hello_dl.examples.common import open_images, options, run_example
from hello_dl.models import letters_cnn
from hello_dl.models.vision_transformer import VisionTransformer
from hello_dl.pictures.attention_maps import occlusion, picture, rollout
from hello_dl.train import one_cycle


def main() -> None:
    """Train both networks on the same batches, compare them, and draw where they look."""
    parser = options(__doc__, epochs=5)
    parser.add_argument(
        "--out", type=Path, metavar="PNG", help="draw where the networks look in some letters"
    )
    args = parser.parse_args()
    train, test = open_images(args)
    if args.out is not None and not args.out.parent.is_dir():
        sys.exit(f"error: {args.out}: there is no folder {args.out.parent}")
    print(
        f"{len(train):,} images to learn from, {len(test):,} to be tested on, {len(train.classes)} classes\n"
    )

    scale = train.mean_std()
    transformer, convolutions = VisionTransformer(len(train.classes)), letters_cnn(len(train.classes))
    networks: dict[str, nn.Module] = {"transformer": transformer, "convolutions": convolutions}
    optimizers = {name: optim.AdamW(model.parameters(), lr=1e-3) for name, model in networks.items()}
    for name, model in networks.items():
        print(f"{name}: {sum(p.numel() for p in model.parameters()):,} parameters")
    loader = DataLoader(ImageDataset(train, *scale), batch_size=64, shuffle=True, seed=args.seed)
    seconds = dict.fromkeys(networks, 0.0)
    for epoch in range(args.epochs):
        losses: dict[str, list[float]] = {name: [] for name in networks}
        for step, (x, y) in enumerate(loader):  # both learn from the same batch, and are timed in turn
            for name, model in networks.items():
                start, optimizer = time.perf_counter(), optimizers[name]
                progress = (epoch + step / len(loader)) / args.epochs
                optimizer.param_groups[0]["lr"] = 1e-3 * one_cycle(progress)
                loss = F.cross_entropy(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses[name].append(loss.item())
                seconds[name] += time.perf_counter() - start
        print(f"epoch {epoch + 1}: " + ", ".join(f"{k} loss {np.mean(v):.4f}" for k, v in losses.items()))

    print("\n              right on test  images/s, learning  images/s, use")
    for name, model in networks.items():
        start = time.perf_counter()
        result = evaluate(model, test, normalisation=scale)
        learning = args.epochs * len(train) / seconds[name]
        use = result.n / (time.perf_counter() - start)
        print(f"{name:13} {100 * result.accuracy:12.2f} %  {learning:18,.0f}  {use:13,.0f}")

    if args.out is not None:
        some = np.array(
            [np.flatnonzero(test.labels == label)[0] for label in range(min(8, len(test.classes)))]
        )
        images = test.images[some]
        maps = [
            ("attention,\nfollowed through\nthe transformer", rollout(transformer, images, scale)),
            ("transformer:\nwhat it misses\nwhen covered", occlusion(transformer, images, scale)),
            ("convolutions:\nwhat they miss\nwhen covered", occlusion(convolutions, images, scale)),
        ]
        picture(images, maps).save(args.out)
        answers = [test.classes[i] for i in predict(transformer, images, normalisation=scale).argmax(axis=1)]
        print(
            f"\ndrew where they look in {args.out}; the transformer takes the letters for {' '.join(answers)}"
        )


if __name__ == "__main__":
    run_example(main)
