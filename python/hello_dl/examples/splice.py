"""Chapter 9: where is a gene cut? A recurrent network reads DNA.

Parts of a gene that are used (exons) alternate with parts that are cut out (introns). A junction is where one
ends: a donor (EI), where an exon goes over into an intron, or an acceptor (IE), where it comes back. Introns
begin with GT and end with AG, almost always; but there are many more GTs and AGs that mean nothing. What else
tells them apart? UCI's file (archive.ics.uci.edu, "Molecular Biology: Splice-junction Gene Sequences") has
3,190 pieces of 60 bases, with a junction or nothing (N) in the middle. Without --data, DNA is made up.

    python -m hello_dl.examples.splice --data splice.data
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import dna, optim
from hello_dl import functional as F
from hello_dl.data import DataLoader, TensorDataset
from hello_dl.examples.common import errors_in_one_line, make_parser, run_example
from hello_dl.train import one_cycle, predict


def made_up(n: int, seed: int) -> dna.Sequences:
    """Draw n random sequences; two thirds get the consensus of a donor or an acceptor in the middle."""
    random = np.random.default_rng(seed)
    texts, labels = [], np.arange(n) % 3
    for label in labels:
        bases = random.choice(list("ACGT"), 60)
        if (known := dna.CONSENSUS.get(dna.CLASSES[label])) is not None:
            first = 30 - known.index("|")
            for i, letter in enumerate(known.replace("|", ""), first):
                if letter + str(i) in ("G30", "T31", "A28", "G29") or random.random() < 0.75:
                    bases[i] = random.choice(list(dna.IUPAC[letter]))
        texts.append("".join(bases))
    return dna.Sequences(tuple(f"made-up-{i}" for i in range(n)), tuple(texts), labels, "made-up DNA")


def by_counting(x: NDArray[np.float32], y: NDArray[np.int64], new: NDArray[np.float32]) -> NDArray[np.int64]:
    """Classify `new` by how frequent each base is at each position of each class (naive Bayes)."""
    frequency = np.stack([(x[y == label].sum(axis=0) + 1) / ((y == label).sum() + 4) for label in range(3)])
    score = np.einsum("ntb,ctb->nc", new, np.log(frequency)) + np.log(np.bincount(y) / len(y))
    return np.asarray(score.argmax(axis=1))


def main() -> None:
    """Compare naive Bayes with a recurrent network, and print the bases that matter to the network."""
    parser = make_parser(__doc__)
    parser.add_argument("--data", metavar="FILE", help="UCI's splice.data, or labelled FASTA")
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--threads", type=int, help="cores to compute on (default: all)")
    parser.add_argument("--epochs", type=int, default=15, help="passes over the data (default: %(default)s)")
    args = parser.parse_args()
    with errors_in_one_line():
        if args.threads is not None:
            hello_dl.set_num_threads(args.threads)
        data = made_up(1500, args.seed) if args.data is None else dna.read(args.data)
        x, y = dna.training_set(data)
        fold = dna.folds(y, dna.groups(data), 10, args.seed)  # equal sequences are in one of the ten parts
    test = fold == 0
    print(
        f"{(~test).sum():,} sequences to learn from, {test.sum()} to be tested on; one of them, and what of"
    )
    print(f"its first bases the network sees, in the order A C G T:\n{data.texts[0]}\n{x[0, :4]}\n")
    right = by_counting(x[~test], y[~test], x[test]) == y[test]
    print(f"counting bases: {100 * right.mean():.2f} % of the test sequences are right")

    hello_dl.manual_seed(args.seed)
    model = dna.SpliceGRU(x.shape[1])
    print(f"\n{model}\n{sum(p.numel() for p in model.parameters()):,} parameters\n")
    optimizer = optim.AdamW(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(x[~test], y[~test]), batch_size=64, shuffle=True, seed=args.seed)
    for epoch in range(args.epochs):
        losses = []
        for step, (bases, labels) in enumerate(loader):  # (64, 60, 4) and (64,)
            progress = (epoch + step / len(loader)) / args.epochs
            optimizer.param_groups[0]["lr"] = 2e-3 * one_cycle(progress)
            loss = F.cross_entropy(model(bases), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        right = predict(model, x[test]).argmax(axis=1) == y[test]
        print(
            f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {100 * right.mean():.2f} % of the test are right"
        )
    print("\nWhich bases it goes by, and what has been known since 1982:")
    for label, (name, known) in enumerate(dna.CONSENSUS.items()):
        letters, _, agree = dna.read_out(dna.saliency(model, x[test & (y == label)], label), label)
        print(f"  {name} {letters}\n     {known}   {agree} of {len(letters) - 1} places agree")


if __name__ == "__main__":
    run_example(main)
