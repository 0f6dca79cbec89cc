"""`hello-dl write`: trains a network on a text, and continues a few words with it."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.files import check_file

if TYPE_CHECKING:
    from hello_dl.text import BytePairEncoder, CharacterVocabulary, Recipe, Tokeniser
    from hello_dl.text.characters import Ids
    from hello_dl.text.model_files import TextModel
    from hello_dl.train import Checkpoint

VALIDATIONS = 10  # in a training, on the part of the text that is kept back
# Default settings of each kind of network: steps, batch size, learning rate, layers, width.
DEFAULTS = {
    "gpt": (2000, 12, 3e-3, 4, 128),
    "gru": (1500, 32, 4e-3, 2, 192),
    "lstm": (1500, 32, 4e-3, 2, 192),
}


class PromptOrTrain(click.Group):
    """`write PROMPT` is short for `write prompt PROMPT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `prompt` behind the group's own options where no subcommand is named."""
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        first = next((i for i, arg in enumerate(args) if arg not in own), len(args))
        if first < len(args) and args[first] not in self.commands:
            args = [*args[:first], "prompt", *args[first:]]
        return super().parse_args(ctx, args)


@click.group(cls=PromptOrTrain, short_help="Learn to write from a text; write on from a few words.")
def write() -> None:
    """Learn to write from a text, then write on from a few words.

    \b
        hello-dl write train CORPUS.txt --out writer.safetensors
        hello-dl write "To be" --weights writer.safetensors

    The second line is short for `hello-dl write prompt "To be" ...`, whose --help tells the settings.
    """  # noqa: D301 - click needs the character \b itself


@write.command(short_help="Learn to write from a text.")
@click.argument("corpus", required=False, type=options.PATH)
@options.choice("--model", choices=sorted(DEFAULTS), default="gpt", help="Kind of network.")
@options.out("WEIGHTS", "Where to save the weights, with the vocabulary.", "writer.safetensors")
@options.count("--steps", help="Training steps.")
@options.value("--seconds", type=options.ABOVE_0, help="Train for this time instead.")
@options.count("--batch-size", "-b", help="Sequences in a step.")
@options.count("--length", default=64, help="Tokens in a sequence: a GPT's context.")
@options.value("--lr", type=options.ABOVE_0, help="Highest learning rate.")
@options.count("--layers", help="Number of layers or blocks.")
@options.count("--width", help="Features of each layer.")
@options.count("--heads", default=4, help="Heads of a GPT's attention.")
@options.value("--dropout", type=options.DROPOUT, default=0.0)
@options.count(
    "--merges", least=0, help="Join this many byte pairs to tokens, instead of a token for each character."
)
@options.checkpoints
@options.seed
@options.threads
def train(
    corpus: Path | None,
    model: str,
    out: Path,
    steps: int | None,
    seconds: float | None,
    batch_size: int | None,
    length: int,
    lr: float | None,
    layers: int | None,
    width: int | None,
    heads: int,
    dropout: float,
    merges: int | None,
    checkpoint: Path | None,
    every: float,
    resume: bool,
    seed: int,
) -> None:
    """Train a network on a text in UTF-8 (default: the documentation of this package), and save it.

    It is trained on the first nine tenths and validated on the rest. It is saved after each validation that
    is better than all before.
    """
    import hello_dl
    from hello_dl.text import GPT, Recipe, RecurrentText, own_documentation, read_corpus, split
    from hello_dl.text.documentation import NAME
    from hello_dl.train import Checkpoint

    options.check_checkpoint(checkpoint, resume)
    out = check_file(out)
    text = own_documentation() if corpus is None else read_corpus(corpus)
    name = NAME if corpus is None else str(corpus)
    default_steps, default_batch, default_lr, default_layers, default_width = DEFAULTS[model]
    tokeniser = _tokeniser(text, merges)
    ids = tokeniser.encode(text)
    learned, kept_back = split(ids)
    _check_length(name, learned, kept_back, length, batch_size or default_batch, model)
    recipe = Recipe(
        steps=None if seconds else steps or default_steps,
        seconds=seconds,
        batch=batch_size or default_batch,
        length=length,
        lr=lr or default_lr,
    )
    hello_dl.manual_seed(seed)
    layers, width = layers or default_layers, width or default_width
    network: TextModel
    if model == "gpt":
        network = GPT(tokeniser.size, length, width, layers, heads, dropout)
    else:
        network = RecurrentText(tokeniser.size, model, width, layers, dropout=dropout)
    parameters = sum(p.numel() for p in network.parameters())
    click.echo(f"{name}: {len(text):,} characters, {len(ids):,} tokens of {tokeniser.size} kinds")
    click.echo(f"{model}, {parameters:,} parameters, {layers} layers {width} wide, sequences of {length}")
    kept = Checkpoint(
        checkpoint,
        settings={"network": network, "recipe": vars(recipe), "seed": seed, "out": str(out)},
        data={"tokens": (learned, kept_back)},
        every=every,
        resume=resume,
    )
    with kept:
        _learn(network, tokeniser, learned, kept_back, recipe, out, seed, name, kept)


def _tokeniser(text: str, merges: int | None) -> CharacterVocabulary | BytePairEncoder:
    """Return the tokeniser of a text: its characters, or with `merges` trained byte pairs."""
    from hello_dl.text import BytePairEncoder, CharacterVocabulary

    return CharacterVocabulary.of(text) if merges is None else BytePairEncoder.train(text, merges)


def _check_length(name: str, learned: Ids, kept_back: Ids, length: int, batch: int, model: str) -> None:
    """Raise ValueError if a corpus is too short, before the training."""
    needed = (1 if model == "gpt" else batch) * length + 1
    if len(learned) < needed or len(kept_back) < 2:
        raise ValueError(
            f"{name}: {len(learned) + len(kept_back):,} tokens are too few: nine tenths of them must hold"
            f" {needed:,} for sequences of {length}; take a longer text, or less --length or --batch-size"
        )


def _learn(
    network: TextModel,
    tokeniser: Tokeniser,
    learned: Ids,
    kept_back: Ids,
    recipe: Recipe,
    out: Path,
    seed: int,
    name: str,
    kept: Checkpoint,
) -> None:
    """Train, validate VALIDATIONS times, and save the network whenever its loss is the lowest so far."""
    from tqdm import tqdm

    from hello_dl.text import judge, learn, save
    from hello_dl.text.measures import bits_per_character, perplexity

    characters = len(tokeniser.decode(kept_back[1:].tolist()))
    so_far = _SoFar()
    with tqdm(total=1.0, disable=None, bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}") as bar:
        for step in learn(network, learned, recipe, seed, checkpoint=kept, so_far=so_far):
            so_far.losses.append(step.loss)
            bar.update(min(step.progress, 1) - bar.n)
            if step.progress < 1 and step.progress * VALIDATIONS < so_far.validated + 1:
                continue
            so_far.validated = int(step.progress * VALIDATIONS)
            nats = judge(network, kept_back, recipe.length)
            loss = sum(so_far.losses) / len(so_far.losses)
            bits = bits_per_character(nats, len(kept_back) - 1, characters)
            bar.clear()
            click.echo(
                f"step {step.number:5}: loss {loss:.3f}, on what is kept back {nats:.3f}"
                f" (perplexity {perplexity(nats):.2f}, {bits:.3f} bits a character)"
            )
            so_far.losses = []
            if nats < so_far.best:
                so_far.best = nats
                save(
                    out,
                    network,
                    tokeniser,
                    seed=seed,
                    loss=nats,
                    step=step.number,
                    trained_on=Path(name).name,
                )
    click.echo(f"saved in {out}, at {so_far.best:.3f} nats a token")


class _SoFar:
    """What `_learn` remembers of a training, for its checkpoint."""

    def __init__(self) -> None:
        self.best = float("inf")  # lowest loss on what is kept back, in nats a token
        self.validated = 0  # how often it was measured
        self.losses: list[float] = []  # of the steps since then

    def state_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        vars(self).update(state_dict)


@write.command(short_help="Write on from PROMPT; `hello-dl write PROMPT` is short for it.")
@click.argument("prompt")
@click.option(
    "--weights", "-w", required=True, metavar="WEIGHTS", help="A file as `hello-dl write train` writes it."
)
@options.count("--length", "-n", default=500, help="Tokens to write.")
@options.value(
    "--temperature",
    "-t",
    type=float,
    default=0.8,
    help="Below 1 more predictable, above 1 more random; 0: always the most probable token.",
)
@click.option("--top-k", type=int, help="Choose only among the K most probable tokens.")
@options.value(
    "--top-p",
    type=float,
    default=1.0,
    help="Choose only among the most probable tokens that together have this probability.",
)
@options.value(
    "--repetition-penalty",
    type=float,
    default=1.0,
    help="Above 1: tokens that were written already become less probable.",
)
@options.seed
@options.threads
def prompt(
    prompt: str,
    weights: str,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float,
    repetition_penalty: float,
    seed: int,
) -> None:
    """Continue PROMPT with a network that `hello-dl write train` has trained."""
    from hello_dl.text import Sampling, load
    from hello_dl.text import write as written

    try:
        sampling = Sampling(temperature, top_k, top_p, repetition_penalty)
    except ValueError as error:
        raise click.UsageError(f"--{error}", click.get_current_context()) from None
    if not prompt:
        raise click.UsageError("PROMPT: needs at least one character to begin with, got an empty text")
    network, tokeniser, _ = load(weights)
    tokens = len(tokeniser.encode(prompt))
    context = getattr(network, "context", tokens)
    if tokens > context:
        click.echo(
            f"the prompt has {tokens} tokens, more than the network's context of {context}:"
            " only its end is read",
            err=True,
        )
    if isinstance(sys.stdout, io.TextIOWrapper):  # print "?" for a letter that the terminal cannot show
        sys.stdout.reconfigure(errors="replace")
    click.echo(prompt, nl=False)
    for text in written(network, tokeniser, prompt, length, sampling, seed):
        click.echo(text, nl=False)
    click.echo()
