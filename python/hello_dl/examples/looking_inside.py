"""Chapter 6: log what happens while a network learns, then query the log.

Losses alone do not tell why a network learns badly. So everything goes into one SQLite file, a database that
many programs can open: at every step the loss, the accuracy and the learning rate; at some steps the
distribution of each parameter and its gradient. Small parameters, such as the first filters, are logged with
all values. Several runs can share a file; a run that is killed leaves a readable one.

    python -m hello_dl.examples.looking_inside --log run.sqlite --gif filters.gif
    sqlite3 run.sqlite "SELECT step, loss FROM training WHERE step % 50 = 0"
    hello-dl plot run.sqlite

What to look at: gradients of a layer that are 0 (nothing is learned there) or grow (the learning rate is too
high); weights that never move; a loss that falls in training but not in validation (see the example dropout).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from hello_dl import models, pictures
from hello_dl.examples.common import errors_in_one_line, open_images, options, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.runlog import LogReader, RunLog
from hello_dl.train import fit, one_cycle

LOGGED = 60  # number of steps at which parameters and gradients are logged
ROWS = 8  # of the table of losses
LAYERS = ("0.weight", "6.weight", "14.weight")  # the first and the last convolution, and the last layer


def show_losses(log: LogReader, run: int) -> None:
    """Print the loss during the training, from the table `training`."""
    training = log.table("training", run)
    steps, loss, right = training["step"], training["loss"], training["accuracy"]
    print(f"{'steps':>12}{'mean loss':>12}{'right':>9}{'learning rate':>16}")
    for part in np.array_split(np.arange(len(steps)), min(ROWS, len(steps))):
        span = f"{steps[part[0]]}-{steps[part[-1]]}"
        rate = training["lr"][part].mean()
        print(f"{span:>12}{loss[part].mean():>12.4f}{right[part].mean():>9.2%}{rate:>16.5f}")


def show_gradients(log: LogReader, run: int) -> None:
    """Print the norms of gradients and weights, by an SQL query of the table `tensor`."""
    print(f"\n{'':12}{'size of the gradient':>34}{'size of the weights':>34}")
    print(f"{'layer':12}{'first':>17}{'last':>17}{'first':>17}{'last':>17}")
    query = "SELECT norm FROM tensor WHERE run = ? AND name = ? AND kind = ? ORDER BY step"
    for name in LAYERS:
        line = f"{name:12}"
        for kind in ("gradient", "parameter"):
            norms = [norm for (norm,) in log.query(query, run, name, kind)]
            line += f"{norms[0]:>17.4f}{norms[-1]:>17.4f}"
        print(line)


def main() -> None:
    """Train with a log, and print what the log says."""
    parser = options(__doc__, epochs=2)
    parser.add_argument("--log", metavar="PATH", help="the file to log to (default: one that is thrown away)")
    parser.add_argument("--gif", metavar="PATH.gif", help="write an animation of the first layer's filters")
    args = parser.parse_args()
    images, test = open_images(args)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(args.log or Path(folder) / "run.sqlite")
        model = models.letters_cnn(len(images.classes))
        with errors_in_one_line():
            settings = {"epochs": args.epochs, "schedule": one_cycle, "seed": args.seed, "progress": False}
            every = max(1, args.epochs * len(images) // 64 // LOGGED)
            fit(model, images, test, lr=2e-3, balanced=True, log=RunLog(path, every=every), **settings)
        with LogReader(path) as log:
            run = log.runs()[-1]
            print(f"run {run.id}, begun {run.started}, {run.steps} steps, seed {run.seed}\n")
            show_losses(log, run.id)
            show_gradients(log, run.id)
            (accuracy,) = log.query("SELECT accuracy FROM validation WHERE run = ? ORDER BY step", run.id)[-1]
            print(f"\n{100 * accuracy:.2f} % of {len(test):,} test images are right")
            steps, filters = log.values(run.id, "0.weight")  # (t,) and (t, 32, 1, 3, 3)
    if args.gif:
        most = float(np.abs(filters).max())
        frames = [
            pictures.titled(
                pictures.grid(pictures.signed(filters[i, :, 0], most), 8, scale=10, gap=6), f"step {steps[i]}"
            )
            for i in range(len(steps))
        ]
        save_picture(frames, args.gif)


if __name__ == "__main__":
    run_example(main)
