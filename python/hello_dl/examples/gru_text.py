"""Chapter 9: a recurrent network writes text, letter by letter.

A gated recurrent unit (GRU) reads one letter after the other. Its state, a few hundred numbers, is all that
it remembers; gates decide at each letter what to forget and what to keep. First a GRU is built from small
operations, as the chapter draws it, and compared with the layer nn.GRU, which is one operation over the whole
sequence. Then a network of such layers learns to predict the next letter, and writes.

    python -m hello_dl.examples.gru_text
    python -m hello_dl.examples.gru_text --corpus ../shared/data/text/tinyshakespeare.txt --seconds 600
"""

from __future__ import annotations

import time

import hello_dl
from hello_dl import nn, text
from hello_dl.examples.common import errors_in_one_line, make_parser, run_example


def gru_of_small_ops(gru: nn.GRU, x: hello_dl.Tensor, h: hello_dl.Tensor) -> hello_dl.Tensor:
    """Read x (n, t, in) from the state h (n, hidden); return the states of all steps, (n, t, hidden)."""
    w_ih, w_hh, b_ih, b_hh = gru.parameters()  # each holds the gates r, z, n, one above the other
    states = []
    for t in range(x.shape[1]):
        new = (x[:, t] @ w_ih.T + b_ih).chunk(3, 1)  # the letter's part in r, z and n
        old = (h @ w_hh.T + b_hh).chunk(3, 1)  # the state's part
        r = (new[0] + old[0]).sigmoid()  # reset gate: how much of the state the candidate uses
        z = (new[1] + old[1]).sigmoid()  # update gate: how much of the state stays
        n = (new[2] + r * old[2]).tanh()  # the candidate for the new state
        h = (1 - z) * n + z * h
        states.append(h)
    return hello_dl.stack(states, 1)


def compare() -> None:
    """Print how fast each way computes a GRU, and how much their values and gradients differ."""
    gru = nn.GRU(64, 128, batch_first=True)
    x, h, g = hello_dl.randn(16, 74, 64), hello_dl.randn(16, 128), hello_dl.randn(16, 74, 128)
    results = {}
    for name in ("small operations", "one operation"):
        start = time.perf_counter()
        y = gru_of_small_ops(gru, x, h) if name == "small operations" else gru(x, h.unsqueeze(0))[0]
        y.backward(gradient=g)  # g: any numbers; a plain sum could hide an error
        seconds = time.perf_counter() - start
        gradients = [p.grad.numpy() for p in gru.parameters() if p.grad is not None]
        results[name] = [y.numpy(), *(gradient / abs(gradient).max() for gradient in gradients)]
        gru.zero_grad()
        print(f"a GRU as {name}: {16 * 74 / seconds:,.0f} letters/s, forward and backward")
    pairs = zip(*results.values(), strict=True)
    print(f"largest difference, values and gradients: {max(abs(a - b).max() for a, b in pairs):.1e}\n")


def main() -> None:
    """Compare both ways to compute a GRU, then train a network that writes."""
    parser = make_parser(__doc__)
    parser.add_argument(
        "--corpus", metavar="FILE", help="a text in UTF-8 (default: hello_dl's documentation)"
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long to learn (default: %(default)s)")
    parser.add_argument("--steps", type=int, help="or for how many steps")
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--width", type=int, default=256, help="numbers in a layer's state (default: 256)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with errors_in_one_line():
        hello_dl.manual_seed(args.seed)
        compare()
        corpus = text.read_corpus(args.corpus) if args.corpus else text.own_documentation()
        vocabulary = text.CharacterVocabulary.of(corpus)
        learned, kept_back = text.split(vocabulary.encode(corpus))
        model = text.RecurrentText(vocabulary.size, "gru", args.width, args.layers)
        print(f"{len(corpus):,} letters of {vocabulary.size} kinds; {model}\n")
        seconds = None if args.steps else args.seconds
        recipe = text.Recipe(args.steps, seconds, batch=32, length=74, lr=4e-3)
        next_sample = 0.0
        for step in text.learn(model, learned, recipe, args.seed):
            if step.progress < 1 and step.progress < next_sample:
                continue
            next_sample = step.progress + 0.2
            sample = "".join(text.write(model, vocabulary, corpus[:1], 160, text.Sampling(0.7), args.seed))
            print(f"step {step.number}, loss {step.loss:.3f}: {sample}\n")
        nats = text.judge(model, kept_back, recipe.length)
    print(f"on text kept back: {nats:.3f} nats a letter, perplexity {text.perplexity(nats):.2f}")


if __name__ == "__main__":
    run_example(main)
