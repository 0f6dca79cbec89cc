"""Chapter 3 on one page: gradients of single numbers, and a neuron that learns with them.

A Value is a number that knows how it was computed: its inputs, and the derivative of the number by each of
them. The chain rule says: if a value has the gradient G (the derivative of the final result by it), then an
input on which it depends with the derivative d gets G * d. An input of several values gets the sum of these
products. `backward` does so for every value, from the result back to the first inputs.

    python -m hello_dl.examples.tiny_autograd

hello_dl's engine follows the same rule with tensors. tests/examples/test_tiny_autograd.py compares the two.
"""

from __future__ import annotations

import math
from collections import Counter

from hello_dl.examples.common import run_example


class Value:
    """A number, its gradient, its inputs, and its derivative by each input."""

    def __init__(
        self, data: float, inputs: tuple[Value, ...] = (), derivatives: tuple[float, ...] = ()
    ) -> None:
        self.data, self.grad = data, 0.0
        self.inputs, self.derivatives = inputs, derivatives

    def __add__(self, other: Value) -> Value:
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value) -> Value:
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def exp(self) -> Value:
        """Return e to the power of this value."""
        y = math.exp(self.data)
        return Value(y, (self,), (y,))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent of this value."""
        y = math.tanh(self.data)
        return Value(y, (self,), (1 - y * y,))

    def backward(self) -> None:
        """Add the derivative of this value by each value in its expression to their `grad`. Call it once."""
        uses: Counter[Value] = Counter()  # how many times each value is an input
        found = [self]
        while found:
            for x in found.pop().inputs:
                uses[x] += 1
                if uses[x] == 1:
                    found.append(x)
        self.grad = 1.0
        complete = [self]  # values whose gradient is complete (topological order by Kahn's algorithm)
        while complete:
            value = complete.pop()
            for x, derivative in zip(value.inputs, value.derivatives, strict=True):
                x.grad += value.grad * derivative  # the chain rule
                uses[x] -= 1
                if uses[x] == 0:
                    complete.append(x)


def main() -> None:
    """Let a neuron learn the logical AND of two inputs; -1 is false, 1 is true."""
    weight_a, weight_b, bias = parameters = [Value(0.1), Value(-0.2), Value(0.0)]
    rows = [(a, b, 1.0 if a == b == 1 else -1.0) for a in (-1.0, 1.0) for b in (-1.0, 1.0)]

    def neuron(a: float, b: float) -> Value:
        return (weight_a * Value(a) + weight_b * Value(b) + bias).tanh()

    for step in range(201):
        loss = Value(0.0)
        for a, b, wanted in rows:
            error = neuron(a, b) + Value(-wanted)
            loss = loss + error * error
        if step % 50 == 0:
            print(f"step {step:3}: loss {loss.data:.4f}")
        loss.backward()
        for parameter in parameters:
            parameter.data -= 0.1 * parameter.grad  # gradient descent
            parameter.grad = 0.0  # the next backward() adds to it
    print(f"\nneuron = tanh({weight_a.data:.2f} a + {weight_b.data:.2f} b + {bias.data:.2f})")
    for a, b, wanted in rows:
        print(f"a = {a:2g}, b = {b:2g}: wanted {wanted:2g}, neuron {neuron(a, b).data:5.2f}")


if __name__ == "__main__":
    run_example(main)
