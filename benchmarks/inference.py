"""Measures networks that are used: hello_dl frozen and plain, ONNX Runtime and PyTorch, images per second.

    python benchmarks/inference.py                 everything, about four minutes
    python benchmarks/inference.py --only "letters, batch 1"
    python benchmarks/inference.py --threads 1

Each runs in processes of its own, in turn, and gets numpy arrays and gives numpy arrays. A round gives one
ratio; medians of all rounds are printed. ONNX Runtime gets the network as PyTorch's exporter writes it; peers
that are not installed are left out.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from measuring import in_turn, library, median_seconds, parser_of, run_worker
from speed import network

TASKS: dict[str, tuple[str, int]] = {
    f"{net}, batch {batch}": (net, batch)
    for net in ("letters", "letters_bn", "digits")
    for batch in (1, 8, 256)
}
NEEDS = {"frozen": (), "plain": (), "onnxruntime": ("onnxruntime", "onnx", "torch"), "torch": ("torch",)}
SECONDS = 1.0  # of measurement in each process


def onnx_session(net: str, threads: int) -> Any:
    """Return ONNX Runtime's session of a network that PyTorch has written."""
    import onnxruntime
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "net.onnx")
        axes = {"x": {0: "n"}}
        example = (torch.zeros(1, 1, 28, 28),)
        torch.onnx.export(
            network(torch.nn, net).eval(), example, path, dynamo=False, input_names=["x"], dynamic_axes=axes
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(path, options)


def make_step(peer: str, net: str, batch: int, threads: int) -> Callable[[], Any]:
    """Return a function that computes one batch in the given library."""
    x = np.random.default_rng(0).random((batch, 1, 28, 28), dtype=np.float32)
    if peer == "onnxruntime":
        session = onnx_session(net, threads)
        return lambda: session.run(None, {"x": x})
    lib, nn, _, _ = library("torch" if peer == "torch" else "hello_dl", threads)
    model = network(nn, net).eval()
    if peer == "frozen":
        frozen = lib.freeze(model, x)
        return lambda: frozen(x)

    def infer() -> Any:
        with lib.no_grad():
            return model(lib.from_numpy(x)).numpy()

    return infer


def main() -> None:
    """Print a table, or be one of its processes."""
    parser = parser_of(__doc__, rounds=7, peers=tuple(NEEDS))
    parser.add_argument("--only", default="", help="only tasks whose names begin with this")
    options = parser.parse_args()
    if options.worker:
        net, batch = TASKS[options.only]
        step = make_step(options.worker, net, batch, options.threads)
        print(json.dumps(batch / median_seconds(step, warm_up=20, seconds=SECONDS)))
        return
    peers = [p for p, needs in NEEDS.items() if all(importlib.util.find_spec(n) for n in needs)]
    others = [p for p in peers if p not in ("frozen", "plain")]
    print(f"images per second on {options.threads} threads, medians of {options.rounds} rounds\n")
    print(f"| network | {' | '.join(peers)} | frozen / best other | plain / best other |")
    print("|---" * (len(peers) + 3) + "|")
    for name in TASKS:
        if not name.startswith(options.only):
            continue

        def measure(peer: str, name: str = name) -> float:
            task = ["--worker", peer, "--only", name, "--threads", options.threads]
            return float(run_worker(__file__, *task))

        speeds = in_turn(peers, options.rounds, measure)
        best = [max(speeds[p][i] for p in others) for i in range(options.rounds)] if others else []
        cells = [f"{statistics.median(speeds[p]):,.0f}" for p in peers]
        for p in ("frozen", "plain"):
            ratios = [a / b for a, b in zip(speeds[p], best, strict=True)] if best else []
            cells.append(f"{statistics.median(ratios):.2f}" if ratios else "")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
