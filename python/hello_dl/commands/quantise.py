"""`hello-dl quantise`: stores weights in 8, 4, 3, 2 or 1 bits, and measures the loss of accuracy."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from hello_dl.commands import options
from hello_dl.commands.printing import show_table
from hello_dl.files import check_file

if TYPE_CHECKING:
    from hello_dl.data import Images

BITS = ("8", "4", "3", "2", "1")
DEFAULT_DATA = "builtin:5000"


@click.command(short_help="Store a network's weights in few bits, or show what that costs.")
@click.argument("weights")
@options.choice("--bits", "-b", choices=BITS, default="4", help="Bits a weight.")
@options.choice(
    "--method",
    choices=["linear", "bins"],
    default="linear",
    help="Values at equal distances, or each the mean of equally many weights.",
)
@options.choice(
    "--per",
    choices=["channel", "tensor"],
    default="channel",
    help="Choose values for each output channel of a layer, or for the whole layer.",
)
@options.data()
@options.out(
    "FILE", "Where to save the small weights (default: WEIGHTS-4bit.safetensors and so on, in this folder)."
)
@click.option("--table", is_flag=True, help="Try all bits, methods and granularities instead; save nothing.")
@options.path("--plot", metavar="PNG", help="With --table: draw accuracy against bits.")
@options.seed
@options.threads
def quantise(
    weights: str,
    bits: str,
    method: str,
    per: str,
    sources: tuple[str, ...],
    out: Path | None,
    table: bool,
    plot: Path | None,
    seed: int,
) -> None:
    """Write the network in the file WEIGHTS again with few bits a weight, and print what has changed.

    The small file can be used as any other. Accuracy is measured on the data; without --data, on characters
    drawn by the embedded generator, if the network reads characters.
    """
    from hello_dl import weights as files
    from hello_dl.plots.style import new_figure

    path = files.find(weights)
    if plot is not None and not table:
        raise click.UsageError("--plot needs --table")
    if plot is not None:
        new_figure(1.0, 1.0)  # raises ImportError without matplotlib, before the work
        check_file(plot, "--plot")
    files.refuse_quantised(path, files.read_header(path))  # raises ValueError, before any work
    data = _load(path, sources, seed)
    if table:
        if data is None:
            raise ValueError(
                f"{path}: --table needs a network that reads characters, or --data to judge it by"
            )
        tried = _try_all(path, data)
        rows = [
            [t.name, f"{t.size:,}", f"1/{tried[0].size / t.size:.1f}", f"{t.accuracy:.2%}"] for t in tried
        ]
        show_table(["", "bytes", "of float", "right"], rows)
        if plot is not None:
            _draw(tried, plot)
            click.echo(f"drawn in {plot}")
        return
    out = check_file(Path(f"{path.stem}-{bits}bit.safetensors") if out is None else out)
    if out.exists() and out.samefile(path):
        raise click.BadParameter(f"{out}: would replace the weights; choose another name", param_hint="--out")
    before = None if data is None else _accuracy(path, data)
    moved = files.quantise(path, out, bits=int(bits), method=method, per=per)
    click.echo("each tensor's change, as a share of its size:")
    show_table(["", "change"], [[name, f"{moved[name]:.2%}"] for name in sorted(moved, key=_in_order)])
    old, new = path.stat().st_size, out.stat().st_size
    click.echo(f"size: {old:,} bytes, now {new:,}, 1/{old / new:.2f} of it")
    if data is not None and before is not None:
        after = _accuracy(out, data)
        points = f"{100 * abs(before - after):.2f} points {'lost' if after <= before else 'won'}"
        click.echo(f"right: {before:.2%} of {len(data)}, now {after:.2%}, {points}")
    click.echo(f"saved in {out}")


def _in_order(name: str) -> list[tuple[int, str]]:
    """Return a sort key that puts 3.weight before 10.weight."""
    return [(int(part) if part.isdecimal() else -1, part) for part in name.split(".")]


class Tried(NamedTuple):
    """One way to store the weights: its name, bits, bytes of the file, accuracy."""

    name: str
    bits: int
    size: int
    accuracy: float


def _load(path: Path, sources: tuple[str, ...], seed: int) -> Images | None:
    """Load the data to measure a network on; None without --data if it does not read characters."""
    from hello_dl.evaluation import Classifier

    try:
        classes = Classifier.load(path).classes
    except ValueError:  # any network can be quantised, not only one that reads characters
        if sources:
            raise
        return None
    return options.load_data(sources or (DEFAULT_DATA,), "--data", classes=classes, split="test", seed=seed)


def _accuracy(path: Path, data: Images) -> float:
    """Return the share of images that the network in a file gets right."""
    from hello_dl import weights
    from hello_dl.evaluation import evaluate

    model, header = weights.load(path)
    return evaluate(model, data, normalisation=header.normalisation).accuracy


def _try_all(path: Path, data: Images) -> list[Tried]:
    """Measure the network as it is, then with every number of bits, method and granularity."""
    from hello_dl import weights
    from hello_dl.weights import packing as quantising

    tried = [Tried("float", 32, path.stat().st_size, _accuracy(path, data))]
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.safetensors"
        for method in quantising.METHODS:
            for per in quantising.PER:
                for bits in quantising.BITS:
                    weights.quantise(path, small, bits=bits, method=method, per=per)
                    name = f"{bits} bits, {method}, per {per}"
                    tried.append(Tried(name, bits, small.stat().st_size, _accuracy(small, data)))
    return tried


def _draw(tried: list[Tried], path: Path) -> None:
    """Draw accuracy against bits, a line for each method and granularity."""
    from hello_dl.plots import style

    figure = style.new_figure(7.0, 4.5)
    axes = figure.subplots()
    lines: dict[str, list[Tried]] = {}
    for one in tried[1:]:
        lines.setdefault(one.name.partition(", ")[2], []).append(one)
    for (name, points), form in zip(lines.items(), ("o-", "o--", "s-", "s--"), strict=True):
        color = style.COLOURS[name.startswith("bins")]
        axes.plot([p.bits for p in points], [100 * p.accuracy for p in points], form, color=color, label=name)
    axes.axhline(100 * tried[0].accuracy, color="0.5", linewidth=1, label="float, 32 bits")
    axes.set(xlabel="bits a weight", ylabel="right (%)", xticks=[int(bits) for bits in BITS])
    style.tidy(axes)
    axes.legend(frameon=False, loc="lower right")
    style.save(figure, path)
