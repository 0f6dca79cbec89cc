"""Chapter 3: expressions that know their derivatives.

An expression is stored as a graph: every result knows its op and its inputs. So nothing has to be computed
until a number is asked for (lazy evaluation). And `backward()` can follow the graph from the result back to
its inputs, multiplying derivatives (the chain rule). The example tiny_autograd shows how.

    python -m hello_dl.examples.autograd --out graph.svg
"""

from __future__ import annotations

import argparse
import math

import hello_dl
from hello_dl.examples.common import errors_in_one_line, run_example


def laziness() -> None:
    """Show when an expression is computed, and when a mistake in it is found."""
    print("1. Nothing is computed until you ask for it\n")
    x = hello_dl.ones(1000, 1000)
    y = (x @ x).sqrt().mean()
    print(f"y is made: op {y.op}, shape {y.shape}, computed: {y.is_computed}")
    print(f"y is {y.item():.4f}, because we asked; computed: {y.is_computed}")
    try:
        x @ hello_dl.ones(3, 4)
    except ValueError as error:
        print(f"Shapes are known at once, so a mistake is reported where it is made:\n  {error}\n")


def by_hand(out: str | None) -> None:
    """Compare derivatives by hand with those of backward(); draw the graph into the file `out`."""
    print("2. Derivatives by hand and by backward()\n")
    x = hello_dl.tensor(3.0, requires_grad=True)
    y = hello_dl.tensor(4.0, requires_grad=True)
    product = x * y
    f = product / (1 + y) + x.log()  # x and y are used twice: the gradients of both uses are added
    product.retain_grad()  # inputs keep their gradient, a result in between only after this call

    f.backward(retain_graph=True)  # without retain_graph the graph is freed, and could not be drawn below
    print(f"f = xy / (1 + y) + log x = {f.item():.6f} for x = 3, y = 4")
    print(f"df/dx = y / (1 + y) + 1 / x = {4 / 5 + 1 / 3:.6f}; backward: {x.grad:.6f}")
    print(f"df/dy = x / (1 + y)^2       = {3 / 25:.6f}; backward: {y.grad:.6f}")
    print(f"df/d(xy) = 1 / (1 + y)      = {1 / 5:.6f}; backward: {product.grad:.6f}")
    h = 1e-4  # the definition of a derivative: how much f changes when x changes a little
    change = (((3 + h) * 4 / 5 + math.log(3 + h)) - ((3 - h) * 4 / 5 + math.log(3 - h))) / (2 * h)
    print(f"(f(x + h) - f(x - h)) / 2h  = {change:.6f} for h = {h}\n")

    names = {"x": x, "y": y, "f": f}
    print(f"The graph, in the language of Graphviz:\n\n{hello_dl.to_dot(f, names)}")
    if out is not None:
        hello_dl.to_svg(f, out, names)
        print(f"{out}: the same as a picture\n")


def matrices() -> None:
    """Compare the gradient of a weight matrix by hand with that of backward()."""
    print("3. The same with matrices: a layer with a ReLU\n")
    x = hello_dl.tensor([[1.0, 2.0], [3.0, -1.0]])  # two rows, (n, 2)
    w = hello_dl.tensor([[0.5, -1.0, 2.0], [1.0, 0.5, 1.0]], requires_grad=True)  # (2, 3)
    y = (x @ w).relu()  # (n, 3)
    loss = (y * y).sum()
    loss.backward()
    # By hand: G = dL/d(xw) is 2y where the ReLU's input was above 0, else 0; and dL/dw = x' G.
    G = 2 * y.detach() * (y.detach() > 0)
    print(f"dL/dw by hand:\n{x.T @ G}\nby backward:\n{w.grad}\n")


def descent() -> None:
    """Find a square root by gradient descent."""
    print("4. What it is good for: gradient descent. Which x has x * x = 2?\n")
    x = hello_dl.tensor(1.0, requires_grad=True)
    for step in range(1, 13):
        loss = (x * x - 2) ** 2  # 0 for the right x
        loss.backward()
        assert x.grad is not None  # backward() has set it
        with hello_dl.no_grad():  # changing x is not part of the expression
            x -= 0.05 * x.grad
        x.grad = None  # otherwise the next gradient is added to this one
        if step % 3 == 0:
            print(f"step {step:2}: x = {x.item():.6f}, loss = {loss.item():.2e}")
    print(f"\nThe square root of 2 is  {math.sqrt(2):.6f}")


def main() -> None:
    """Run the four parts."""
    parser = argparse.ArgumentParser(description="Chapter 3: expressions that know their derivatives.")
    parser.add_argument("--out", metavar="PATH.svg", help="draw the graph of part 2 into this file")
    args = parser.parse_args()
    laziness()
    with errors_in_one_line():
        by_hand(args.out)
    matrices()
    descent()


if __name__ == "__main__":
    run_example(main)
