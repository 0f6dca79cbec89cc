"""Chapter 10: how this compares to ChatGPT. The architecture of GPT-2 at any size.

Without options it prints what GPTs of all sizes cost, from the one that `hello-dl write train` makes to
GPT-3 and beyond, computed from their sizes and from how fast this computer multiplies matrices. With a file
of GPT-2's published weights and its two vocabulary files, it writes as GPT-2 does.

    python -m hello_dl.examples.gpt
    python -m hello_dl.examples.gpt --weights model.safetensors --vocab vocab.json --merges merges.txt

The three files are those that GPT-2 was published with; this program downloads nothing.
"""

from __future__ import annotations

import argparse
import time

import hello_dl
from hello_dl.examples.common import errors_in_one_line, make_parser, run_example
from hello_dl.text import GPT, Sampling, write
from hello_dl.text.cost import DEFAULT, HEADINGS, table
from hello_dl.text.gpt2 import gpt2_vocabulary, load_gpt2


def measured_speed(size: int = 1024) -> float:
    """Return FLOP/s of this computer in a matrix product, the best of several."""
    a, b = hello_dl.rand(size, size), hello_dl.rand(size, size)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        hello_dl.evaluate([a @ b])
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


def print_table(price: float) -> None:
    """Print what GPTs of all sizes cost; `price` is that of an accelerator's hour in dollars."""
    here = measured_speed()
    rows = table(here, price=price)
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    for row in rows:
        cells = [
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    print(
        f"""
FLOP/token    multiplications and additions to predict one token after a full context
weights, training, cache
              memory in float32: to use it; to train it with Adam; keys and values of one full context
to learn from 20 tokens a parameter (Hoffmann et al. 2022); what GPT-2 and GPT-3 really saw was another number
here          learning on this computer, at {here / 1e9:,.0f} GFLOP/s, as measured a moment ago
rented, cost  on one accelerator that reaches 400 TFLOP/s, at ${price:.2f} an hour: both are assumptions"""
    )


def write_as_gpt2(args: argparse.Namespace) -> None:
    """Continue the prompt with GPT-2's published weights."""
    model = load_gpt2(args.weights, args.heads)
    print(f"{args.weights}: {sum(p.numel() for p in model.parameters()):,} parameters, {model.settings}")
    if not (args.vocab and args.merges):
        print("give --vocab vocab.json and --merges merges.txt as well to see it write")
        return
    vocabulary = gpt2_vocabulary(args.vocab, args.merges)
    if vocabulary.size != model.vocabulary:
        raise ValueError(f"{args.vocab}: has {vocabulary.size} tokens, the weights know {model.vocabulary}")
    sampling = Sampling(args.temperature, args.top_k)
    print(args.prompt, end="")
    for text in write(model, vocabulary, args.prompt, args.length, sampling, args.seed):
        print(text, end="", flush=True)
    print()


def main() -> None:
    """Print the table of costs, or write with the weights of a file."""
    parser = make_parser(__doc__)
    parser.add_argument("--weights", metavar="FILE", help="GPT-2's weights, a safetensors file")
    parser.add_argument("--vocab", metavar="FILE", help="its vocab.json")
    parser.add_argument("--merges", metavar="FILE", help="its merges.txt")
    parser.add_argument("--heads", type=int, help="of attention (default: width / 64, as GPT-2 has it)")
    parser.add_argument("--prompt", default="Deep learning is", help="default: %(default)r")
    parser.add_argument("--length", type=int, default=50, help="tokens to write (default: %(default)s)")
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--top-k", type=int, default=40)
    parser.add_argument("--price", type=float, default=2.0, help="of an accelerator's hour, in dollars")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with errors_in_one_line():
        if args.weights:
            write_as_gpt2(args)
            return
        model = GPT(DEFAULT.vocabulary, DEFAULT.context, DEFAULT.width, DEFAULT.layers)
        print(f"{model}\n{sum(p.numel() for p in model.parameters()):,} parameters. And larger ones:\n")
        print_table(args.price)


if __name__ == "__main__":
    run_example(main)
