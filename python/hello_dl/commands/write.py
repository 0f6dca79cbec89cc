"""`hello-dl write`: learn to write from a text, then write on from a few words."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.commands.options import seed_option, threads_option
from hello_dl.files import check_file

if TYPE_CHECKING:
    from hello_dl.text import BytePairEncoder, CharacterVocabulary, Recipe, Tokeniser
    from hello_dl.text.characters import Ids
    from hello_dl.text.model_files import TextModel

JUDGED = 10  # times during the training, on the part of the text that is kept back
# What a network is trained with where nothing else is said: steps, batch, learning rate, layers, width.
USUAL = {
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
@click.argument("corpus", required=False, type=click.Path(path_type=Path))
@click.option(
    "--model", type=click.Choice(sorted(USUAL)), default="gpt", show_default=True, help="Kind of network."
)
@click.option(
    "--out",
    "-o",
    metavar="WEIGHTS",
    type=click.Path(path_type=Path),
    default="writer.safetensors",
    show_default=True,
    help="Where to save the weights, with the vocabulary.",
)
@click.option("--steps", type=click.IntRange(1), help="Training steps.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Train for so long instead.")
@click.option("--batch-size", "-b", type=click.IntRange(1), help="Sequences a step.")
@click.option(
    "--length",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="Tokens a sequence: a GPT's context.",
)
@click.option("--lr", type=click.FloatRange(0, min_open=True), help="Highest learning rate.")
@click.option("--layers", type=click.IntRange(1), help="How many layers or blocks.")
@click.option("--width", type=click.IntRange(1), help="Features of each.")
@click.option("--heads", type=click.IntRange(1), default=4, show_default=True, help="Of a GPT's attention.")
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True)
@click.option(
    "--merges",
    type=click.IntRange(0),
    help="Join so many byte pairs to tokens, instead of one token a character.",
)
@seed_option
@threads_option
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
    seed: int,
) -> None:
    """Learn to write from a text in UTF-8 (default: the documentation of this package itself), and save it.

    The first nine tenths are learned from; by the rest the network is judged, and it is saved whenever it
    does better than before.
    """
    import hello_dl
    from hello_dl.text import GPT, Recipe, RecurrentText, own_documentation, read_corpus, split
    from hello_dl.text.documentation import NAME

    out = check_file(out)
    text = own_documentation() if corpus is None else read_corpus(corpus)
    name = NAME if corpus is None else str(corpus)
    usual_steps, usual_batch, usual_lr, usual_layers, usual_width = USUAL[model]
    tokeniser = _tokeniser(text, merges)
    ids = tokeniser.encode(text)
    learned, kept_back = split(ids)
    _check_length(name, learned, kept_back, length, batch_size or usual_batch, model)
    recipe = Recipe(
        steps=None if seconds else steps or usual_steps,
        seconds=seconds,
        batch=batch_size or usual_batch,
        length=length,
        lr=lr or usual_lr,
    )
    hello_dl.manual_seed(seed)
    layers, width = layers or usual_layers, width or usual_width
    network: TextModel
    if model == "gpt":
        network = GPT(tokeniser.size, length, width, layers, heads, dropout)
    else:
        network = RecurrentText(tokeniser.size, model, width, layers, dropout=dropout)
    parameters = sum(p.numel() for p in network.parameters())
    click.echo(f"{name}: {len(text):,} characters, {len(ids):,} tokens of {tokeniser.size} kinds")
    click.echo(f"{model}, {parameters:,} parameters, {layers} layers {width} wide, sequences of {length}")
    _learn(network, tokeniser, learned, kept_back, recipe, out, seed, name)


def _tokeniser(text: str, merges: int | None) -> CharacterVocabulary | BytePairEncoder:
    from hello_dl.text import BytePairEncoder, CharacterVocabulary

    return CharacterVocabulary.of(text) if merges is None else BytePairEncoder.train(text, merges)


def _check_length(name: str, learned: Ids, kept_back: Ids, length: int, batch: int, model: str) -> None:
    """Refuse a corpus that is too short, before anything is trained."""
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
) -> None:
    """Train, judge now and then, and keep what does best."""
    from tqdm import tqdm

    from hello_dl.text import judge, learn, save
    from hello_dl.text.measures import bits_per_character, perplexity

    characters = len(tokeniser.decode(kept_back[1:].tolist()))
    best, judged, losses = float("inf"), 0, []
    with tqdm(total=1.0, disable=None, bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}") as bar:
        for step in learn(network, learned, recipe, seed):
            losses.append(step.loss)
            bar.update(min(step.progress, 1) - bar.n)
            if step.progress < 1 and step.progress * JUDGED < judged + 1:
                continue
            judged = int(step.progress * JUDGED)
            nats = judge(network, kept_back, recipe.length)
            bits = bits_per_character(nats, len(kept_back) - 1, characters)
            bar.clear()
            click.echo(
                f"step {step.number:5}: loss {sum(losses) / len(losses):.3f}, on what is kept back {nats:.3f}"
                f" (perplexity {perplexity(nats):.2f}, {bits:.3f} bits a character)"
            )
            losses = []
            if nats < best:
                best = nats
                save(
                    out,
                    network,
                    tokeniser,
                    seed=seed,
                    loss=nats,
                    step=step.number,
                    trained_on=Path(name).name,
                )
    click.echo(f"saved in {out}, at {best:.3f} nats a token")


@write.command(short_help="Write on from PROMPT; `hello-dl write PROMPT` is short for it.")
@click.argument("prompt")
@click.option(
    "--weights",
    "-w",
    required=True,
    metavar="WEIGHTS",
    help="A file as `hello-dl write train` writes it.",
)
@click.option(
    "--length", "-n", type=click.IntRange(1), default=500, show_default=True, help="Tokens to write."
)
@click.option(
    "--temperature",
    "-t",
    type=float,
    default=0.8,
    show_default=True,
    help="Below 1 safer, above 1 wilder; 0: always the most probable token.",
)
@click.option("--top-k", type=int, help="Choose among the K most probable tokens only.")
@click.option(
    "--top-p",
    type=float,
    default=1.0,
    show_default=True,
    help="Among those that together have this probability.",
)
@click.option(
    "--repetition-penalty",
    type=float,
    default=1.0,
    show_default=True,
    help="Above 1: what was written already becomes less probable.",
)
@seed_option
@threads_option
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
    """Write on from PROMPT with a network that `hello-dl write train` has trained, letter by letter."""
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
    if isinstance(
        sys.stdout, io.TextIOWrapper
    ):  # a letter that the terminal cannot show is no reason to stop
        sys.stdout.reconfigure(errors="replace")
    click.echo(prompt, nl=False)
    for text in written(network, tokeniser, prompt, length, sampling, seed):
        click.echo(text, nl=False)
    click.echo()
