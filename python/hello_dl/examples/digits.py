"""Chapter 4: a network of three layers learns all ten digits.

    784 pixels -> Linear -> 128 numbers -> ReLU -> Linear -> 64 numbers -> ReLU -> Linear -> 10 scores

Without the ReLUs, which replace negative numbers by 0, the three layers would be no more than one: a linear
function of a linear function is a linear function. The highest of the ten scores is the answer; cross_entropy
measures how little probability they give to the right one, and stochastic gradient descent makes it smaller.

    python -m hello_dl.examples.digits --data ../shared/data/mnist/train --test ../shared/data/mnist/t10k
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import Tensor, nn, optim
from hello_dl import functional as F
from hello_dl.data import DataLoader, ImageDataset
from hello_dl.evaluation import confusion_matrix
from hello_dl.examples.common import DIGITS, open_images, options, run_example
from hello_dl.examples.printing import print_images


class Network(nn.Module):
    """The network of chapter 4."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (n, 10) of images x (n, 1, 28, 28)."""
        x = x.flatten(1)  # (n, 1, 28, 28) -> (n, 784)
        x = F.relu(self.fc1(x))  # (n, 128)
        x = F.relu(self.fc2(x))  # (n, 64)
        scores: Tensor = self.fc3(x)  # (n, 10)
        return scores


def predict(model: nn.Module, loader: DataLoader) -> NDArray[np.int64]:
    """Return the model's answer to each image, a digit: (n,)."""
    with hello_dl.no_grad():  # gradients are not needed
        return np.concatenate([model(x).argmax(dim=1).numpy() for x, _ in loader])


def main() -> None:
    """Train the network, and print its confusion matrix."""
    parser = options(__doc__, epochs=5)
    parser.add_argument("--lr", type=float, default=0.05, help="learning rate (default: %(default)s)")
    args = parser.parse_args()
    train, test = open_images(args, classes=DIGITS)
    print(f"{len(train):,} images to learn from, {len(test):,} to be tested on")

    mean, std = train.mean_std()  # pixels are shifted and scaled so that these are 0 and 1
    loader = DataLoader(ImageDataset(train, mean, std), batch_size=64, shuffle=True, seed=args.seed)
    test_loader = DataLoader(ImageDataset(test, mean, std), batch_size=1000)

    model = Network()
    print(f"{model}\n{sum(p.numel() for p in model.parameters()):,} parameters\n")
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    answers = predict(model, test_loader)
    print(f"before: {100 * (answers == test.labels).mean():.2f} % are right (guessing: 10 %)")
    for epoch in range(1, args.epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = args.lr * (1 - (epoch - 1) / args.epochs)  # smaller steps towards the end
        losses = []
        for x, y in loader:  # x (64, 1, 28, 28), y (64,)
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        answers = predict(model, test_loader)
        right = 100 * (answers == test.labels).mean()
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, {right:.2f} % of the test images are right")

    wrong = np.flatnonzero(answers != test.labels)[:4]
    if len(wrong):
        print("\nRead wrongly:\n")
        print_images(test.images[wrong], [f"is {test.labels[i]}, read as {answers[i]}" for i in wrong])
    print("\nThe confusion matrix: how often a digit (row) got an answer (column)\n")
    print("     " + " ".join(f"{digit:>4}" for digit in DIGITS))
    for digit, row in zip(DIGITS, confusion_matrix(test.labels, answers, 10), strict=True):
        print(f"{digit:>4} " + " ".join(f"{n:4}" for n in row))


if __name__ == "__main__":
    run_example(main)
