"""Measures networks that write text: losses on tiny Shakespeare, and speed against PyTorch.

    python benchmarks/text.py gpt --corpus ../shared/data/text/tinyshakespeare.txt     two minutes
    python benchmarks/text.py gru --corpus ../shared/data/text/tinyshakespeare.txt     ten minutes
    python benchmarks/text.py training                                                 one minute
    python benchmarks/text.py writing                                                  one minute

gpt, gru     train on the first nine tenths, and print the loss in nats per character over the whole last
             tenth. With --choose the last tenth of the training part is used instead; settings were chosen
             with it.
training     tokens/s of a GPT (4 blocks, 4 heads, 128 wide, context 64, batch 12) against PyTorch with its
             own fused attention and fused AdamW
writing      tokens/s of the same network at batch 1, against PyTorch eager with a key/value cache

Each library runs in processes of its own, in turn. A round gives one ratio; the medians of all rounds are
printed. --cpu counts CPU seconds on one thread instead of seconds of the clock, for a machine with other
work. The last two need `pip install torch==2.13.0` beside hello_dl.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from measuring import in_turn, median_seconds, parser_of, run_worker, speed_row

VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS, BATCH = 65, 64, 128, 4, 4, 12  # nanoGPT's setting for a CPU
PEERS = ("hello_dl", "torch")
SECONDS = 4.0  # of measurement in each process


# ---- losses


def train(kind: str, path: str, choose: bool, seconds: float, seed: int) -> None:
    """Train with the settings of the claim, and print the loss over all of the text that was kept back."""
    import hello_dl
    from hello_dl import text

    hello_dl.manual_seed(seed)
    corpus = text.read_corpus(path)
    vocabulary = text.CharacterVocabulary.of(corpus)
    learned, kept_back = text.split(vocabulary.encode(corpus))
    if choose:
        learned, kept_back = text.split(learned)
    model: text.GPT | text.RecurrentText
    if kind == "gpt":
        model = text.GPT(vocabulary.size, CONTEXT, WIDTH, LAYERS, HEADS)
        recipe = text.Recipe(2000, batch=BATCH, length=CONTEXT, lr=3e-3)
    else:
        model = text.RecurrentText(vocabulary.size, "gru", 256, 3, dropout=0.2)
        recipe = text.Recipe(None, seconds, batch=50, length=74, lr=3e-3, final=0.02, weight_decay=0.01)
    start, last_print = time.monotonic(), 0.0
    for step in text.learn(model, learned, recipe, seed):
        if step.progress >= min(1.0, last_print + 0.1):
            last_print = step.progress
            print(
                f"{time.monotonic() - start:5.0f} s, step {step.number:5}: loss {step.loss:.3f}", flush=True
            )
    nats = text.judge(model, kept_back, recipe.length)
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"\n{kind}, {parameters:,} parameters, {step.number:,} steps of {recipe.batch} x {recipe.length}"
        f" in {time.monotonic() - start:.0f} s:\n{nats:.4f} nats a character over all {len(kept_back):,}"
        " kept back"
        f" (perplexity {text.perplexity(nats):.2f}, {text.bits_per_character(nats, 1, 1):.3f} bits)"
    )


# ---- speed: the same network in both libraries


def torch_gpt(torch: Any) -> Any:
    """Return the network in PyTorch, with a key/value cache that is allocated once."""
    nn, F = torch.nn, torch.nn.functional

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.c_attn, self.c_proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.fc, self.proj = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x: Any, cache: Any = None, first: int = 0) -> Any:
            B, T, C = x.shape
            parts = self.c_attn(self.ln_1(x)).split(C, 2)
            q, k, v = (part.view(B, T, HEADS, C // HEADS).transpose(1, 2) for part in parts)
            if cache is not None:
                cache[0][:, :, first : first + T], cache[1][:, :, first : first + T] = k, v
                k, v = cache[0][:, :, : first + T], cache[1][:, :, : first + T]
            y = F.scaled_dot_product_attention(q, k, v, is_causal=T > 1)
            x = x + self.c_proj(y.transpose(1, 2).reshape(B, T, C))
            return x + self.proj(F.gelu(self.fc(self.ln_2(x)), approximate="tanh"))

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.h = nn.ModuleList(Block() for _ in range(LAYERS))
            self.ln_f = nn.LayerNorm(WIDTH)
            for p in self.parameters():
                if p.ndim == 2:
                    nn.init.normal_(p, 0, 0.02)

        def forward(self, ids: Any, caches: Any = None, first: int = 0) -> Any:
            x = self.wte(ids) + self.wpe.weight[first : first + ids.shape[1]]
            for i, block in enumerate(self.h):
                x = block(x, caches and caches[i], first)
            return F.linear(self.ln_f(x), self.wte.weight)

    return Net()


def training(peer: str, threads: int) -> tuple[int, Callable[[], Any]]:
    """Return the tokens of a training step, and a function that makes one."""
    ids = np.random.default_rng(0).integers(0, VOCABULARY, (BATCH, CONTEXT + 1))
    if peer == "hello_dl":
        import hello_dl
        from hello_dl import optim, text

        hello_dl.set_num_threads(threads)
        model = text.GPT(VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS)
        optimizer = optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99))

        def step() -> None:
            loss = text.next_token_loss(model(hello_dl.from_numpy(ids[:, :-1])), ids[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return BATCH * CONTEXT, step
    import torch

    torch.set_num_threads(threads)
    net = torch_gpt(torch)
    fused = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.99), fused=True)

    def torch_step() -> None:
        x = torch.from_numpy(ids)
        scores = net(x[:, :-1]).reshape(-1, VOCABULARY)
        loss = torch.nn.functional.cross_entropy(scores, x[:, 1:].reshape(-1))
        fused.zero_grad()
        loss.backward()
        fused.step()

    return BATCH * CONTEXT, torch_step


def writing(peer: str, threads: int) -> tuple[int, Callable[[], Any]]:
    """Return how many tokens are written at a time (a full context), and a function that writes them."""
    length = CONTEXT - 1
    if peer == "hello_dl":
        import hello_dl
        from hello_dl import text

        hello_dl.set_num_threads(threads)
        model = text.GPT(VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS)
        vocabulary = text.CharacterVocabulary(map(chr, range(ord("0"), ord("0") + VOCABULARY)))
        return length, lambda: "".join(text.write(model, vocabulary, "0", length))
    import torch

    torch.set_num_threads(threads)
    net = torch_gpt(torch).eval()

    @torch.inference_mode()  # type: ignore[misc, unused-ignore]
    def torch_write() -> str:
        size = (1, HEADS, CONTEXT, WIDTH // HEADS)
        caches = [(torch.zeros(size), torch.zeros(size)) for _ in range(LAYERS)]
        ids, written = torch.zeros(1, 1, dtype=torch.long), []
        for first in range(length):
            ids = torch.multinomial(torch.softmax(net(ids, caches, first)[:, -1], -1), 1)
            written.append(chr(ord("0") + ids.item()))
        return "".join(written)

    return length, torch_write


def worker(peer: str, task: str, threads: int, cpu: bool) -> None:
    """Time steps for a while, and print tokens per second by the median step."""
    clock = time.process_time if cpu else time.perf_counter
    tokens, step = (training if task == "training" else writing)(peer, threads)
    print(json.dumps(tokens / median_seconds(step, warm_up=5, seconds=SECONDS, clock=clock)))


def measure(peer: str, task: str, threads: int, cpu: bool) -> float:
    """Return tokens per second, measured in a process of its own."""
    return float(run_worker(__file__, task, "--worker", peer, "--threads", threads, *["--cpu"][:cpu]))


def compare(task: str, rounds: int, threads: int, cpu: bool) -> None:
    """Print tokens per second of both libraries and their ratio, as medians over rounds."""
    speeds = in_turn(PEERS, rounds, partial(measure, task=task, threads=threads, cpu=cpu))
    print(speed_row(f"GPT of 0.8 M, {task}", speeds, "torch", PEERS), flush=True)


def main() -> None:
    """Read the options, and train or compare."""
    parser = parser_of(__doc__, rounds=5, peers=PEERS)
    parser.add_argument("task", choices=("gpt", "gru", "training", "writing"))
    parser.add_argument("--corpus", metavar="FILE", help="for gpt and gru")
    parser.add_argument("--choose", action="store_true", help="judge by a piece of the training part")
    parser.add_argument("--seconds", type=float, default=600, help="for gru (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cpu", action="store_true", help="count seconds of the processor, on one thread")
    options = parser.parse_args()
    threads = 1 if options.cpu else options.threads
    if options.worker:
        worker(options.worker, options.task, threads, options.cpu)
    elif options.task in ("gpt", "gru"):
        if options.corpus is None:
            parser.error(f"{options.task} needs --corpus FILE")
        train(options.task, options.corpus, options.choose, options.seconds, options.seed)
    else:
        print(f"tokens/s on {threads} threads, medians of {options.rounds} rounds\n")
        print("| what | hello_dl | PyTorch | ratio |\n|---|---|---|---|")
        compare(options.task, options.rounds, threads, options.cpu)


if __name__ == "__main__":
    main()
