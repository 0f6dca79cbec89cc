"""Chapter 10: a transformer reads the sentences of chapter 9, and shows where it looked.

A recurrent network has to keep all that it has read in its state. Attention looks back instead: each letter
has a query, and each letter before it a key and a value. The better a key fits the query, the more its value
counts in a weighted mean. Sentences are pieces of 75 letters, as in chapter 9: the network reads 74, and
predicts the letter after each. At the end the weights are drawn for one sentence: each line is a letter, and
shows where it looked.

    python -m hello_dl.examples.attention --out attention.png
    python -m hello_dl.examples.attention --corpus ../shared/data/text/tinyshakespeare.txt --steps 3000
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import text
from hello_dl.examples.common import errors_in_one_line, make_parser, run_example
from hello_dl.text.attention_pattern import attention_pattern, draw_attention

SENTENCE = 75  # letters


def describe_heads(pattern: NDArray[Any], sentence: str) -> None:
    """Print for each head how far back it looks on average, and where the last letter looks most."""
    last = len(sentence) - 1
    distance = np.arange(last + 1)[:, None] - np.arange(last + 1)
    for layer, heads in enumerate(pattern, 1):
        for head, looks in enumerate(heads, 1):
            back = (looks * distance).sum(axis=1).mean()
            at = int(looks[-1].argmax())
            print(
                f"layer {layer}, head {head}: looks {back:4.1f} letters back; the last one, {sentence[-1]!r},"
                f" most ({looks[-1, at]:.0%}) at {sentence[at]!r}, {last - at} before it"
            )


def main() -> None:
    """Train a small transformer on a text, and draw where it looks."""
    parser = make_parser(__doc__)
    parser.add_argument(
        "--corpus", metavar="FILE", help="a text in UTF-8 (default: hello_dl's documentation)"
    )
    parser.add_argument("--steps", type=int, default=1000, help="training steps (default: %(default)s)")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument(
        "--out", metavar="PNG", default="attention.png", help="picture (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with errors_in_one_line():
        if not Path(args.out).resolve().parent.is_dir():
            raise FileNotFoundError(f"{args.out}: there is no such folder; make it first")
        hello_dl.manual_seed(args.seed)
        corpus = text.read_corpus(args.corpus) if args.corpus else text.own_documentation()
        vocabulary = text.CharacterVocabulary.of(corpus)
        learned, kept_back = text.split(vocabulary.encode(corpus))
        model = text.GPT(vocabulary.size, SENTENCE - 1, args.width, args.layers, args.heads)
        parameters = sum(p.numel() for p in model.parameters())
        print(
            f"{len(corpus):,} letters of {vocabulary.size} kinds; a transformer of {parameters:,} parameters"
        )
        losses = []
        for step in text.learn(
            model, learned, text.Recipe(args.steps, batch=16, length=SENTENCE - 1, lr=2e-3), args.seed
        ):
            losses.append(step.loss)
            if step.number % max(1, args.steps // 5) == 0:
                print(f"step {step.number}: loss {sum(losses) / len(losses):.3f} nats a letter")
                losses = []
        nats = text.judge(model, kept_back, SENTENCE - 1)
        print(f"on sentences kept back: {nats:.3f} nats a letter, perplexity {text.perplexity(nats):.2f}\n")

        ids = kept_back[: SENTENCE - 1]
        sentence = vocabulary.decode(ids.tolist())
        print(repr(sentence))
        pattern = attention_pattern(model, ids)
        describe_heads(pattern, sentence)
        draw_attention(pattern[-1], sentence, args.out)
    print(f"\nthe last layer's attention is drawn in {args.out}")


if __name__ == "__main__":
    run_example(main)
