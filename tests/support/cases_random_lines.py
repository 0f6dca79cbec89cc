"""Makes random graphs, line by line.

`random_graph(seed, double)` makes one; the numbers it meets are computed in the double build, so that a line
whose result is infinite, too large or too long can be left out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from cases_random import Graph, names_in, recurrent_of
from cases_sequences import GATES

LARGEST, LONGEST = 20.0, 600  # the size of a number, and how many numbers a result may have

UNARY = (
    "{x}.relu()", "{x}.tanh()", "{x}.sigmoid()", "{x}.sin()", "{x}.cos()", "({x} * 0.3).exp()", "{x}.abs()",
    "({x}.abs() + 0.2).log()", "({x} * {x} + 0.1).sqrt()", "-{x}", "F.gelu({x})",
    "F.gelu({x}, approximate='tanh')", "F.silu({x})", "F.softplus({x})", "F.elu({x})",
    "F.leaky_relu({x}, 0.1)", "{x}.clamp(-0.6, 0.7)", "1 / ({x}.abs() + 0.5)", "({x}.abs() + 0.3) ** 1.5",
    "{x} ** 2", "{x} ** 3", "2 - {x}", "({x} * {x}).log1p()", "({x} * 0.3).expm1()", "{x} * {x}", "{x} / 3",
    "1.5 ** {x}.tanh()", "{x} * ({x} > 0.1)", "stop('{new}', {x}.detach) * {x}",
    "stop('{new}', lambda: {x}.tanh()) + {x}",
)  # fmt: skip
ALONG = (
    "{x}.softmax({d})", "{x}.log_softmax({d})", "{x}.cumsum({d})", "{x}.norm(dim={d})",
    "{x}.sort({d}).values",
    "{x}.sort({d}, descending=True).values", "{x}.topk(1, {d}).values", "F.normalize({x}, dim={d}, eps=0.3)",
    "F.layer_norm({x}, ({last},))", "F.rms_norm({x}, ({last},), eps=0.01)",
)  # fmt: skip
BINARY = (
    "{x} + {y}", "{x} - {y}", "{x} * {y}", "{x} / ({y}.abs() + 0.5)", "h.maximum({x}, {y})",
    "h.minimum({x}, {y})", "h.where({x} > {y}, {x}, {y} * 0.5)", "({x}.abs() + 0.3) ** {y}.tanh()",
    "{x}.masked_fill({y} > 0.3, 0.25)", "{x} * {y} + {x}",
)  # fmt: skip
FEWER = (
    "{x}.sum({d}, keepdim={k})", "{x}.mean({d}, keepdim={k})", "{x}.amax({d}, keepdim={k})",
    "{x}.amin({d}, keepdim={k})", "{x}.logsumexp({d}, keepdim={k})",
    "{x}.var({d}, keepdim={k}, correction=0)",
)  # fmt: skip
LOSSES = (
    "F.mse_loss({x}, {y}.sin(), reduction='{r}')", "F.smooth_l1_loss({x}, {y} * 0.5, reduction='{r}')",
    "F.binary_cross_entropy_with_logits({x}, stop('{new}', lambda: {y}.sigmoid()), reduction='{r}')",
)  # fmt: skip


class Maker:
    """Adds random lines to a graph, and runs each in the double build to know its shape and numbers."""

    def __init__(self, seed: int, double: Any) -> None:
        self.graph = Graph(seed)
        self.random = random.Random(seed)
        self.rng = np.random.default_rng(seed)
        self.h = double
        self.names: dict[str, Any] = {"h": double, "F": double.nn.functional, "stop": lambda _, make: make()}
        self.names["recurrent"] = recurrent_of(double)
        self.results: list[str] = []

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.names[name].shape)

    def leaf(self, *shape: int, zeros: bool = False) -> str:
        name = f"w{len(self.graph.leaves)}"
        array = np.asarray(np.zeros(shape) if zeros else self.rng.normal(size=shape) * 0.8)
        self.graph.leaves[name], self.names[name] = array, self.h.from_numpy(array)
        return name

    def pick(self, fits: Callable[[tuple[int, ...]], bool] = lambda shape: True) -> str | None:
        """Return a leaf or a result whose shape fits, mostly one of the latest; None if there is none."""
        zeros = self.graph.retained.values()
        known = (name for name in (*self.graph.leaves, *self.results) if name not in zeros)
        fitting = [name for name in known if fits(self.shape(name))]
        if not fitting:
            return None
        return self.random.choice(fitting[-5:] if self.random.random() < 0.6 else fitting)

    def add(self, code: str) -> None:
        """Add a line, if its result can be used."""
        new = f"v{len(self.graph.lines)}"
        code = code.replace("{new}", new)
        y = self.names[new] = eval(code, self.names)
        array = y.numpy()
        if 0 < array.size <= LONGEST and array.ndim <= 4 and np.abs(array).max() < LARGEST:
            self.graph.lines.append((new, code))
            self.results.append(new)

    def add_one_of(self, forms: tuple[str, ...], **parts: Any) -> None:
        self.add(self.random.choice(forms).format(new="{new}", **parts))

    # ---- the kinds of lines

    def one(self) -> None:
        self.add_one_of(UNARY, x=self.pick())

    def along(self) -> None:
        if x := self.pick(lambda shape: len(shape) > 0):
            shape = self.shape(x)
            self.add_one_of(ALONG, x=x, d=self.random.randrange(len(shape)), last=shape[-1])

    def two(self) -> None:
        x = self.pick()
        assert x
        shape = self.shape(x)
        if self.random.random() < 0.4:  # a leaf that broadcasts
            y: str | None = self.leaf(*(s if self.random.random() < 0.6 else 1 for s in shape))
        else:
            y = self.pick(lambda other: meet(shape, other))
        x, y = self.random.sample([x, y or x], 2)
        self.add_one_of(BINARY, x=x, y=y)

    def fewer(self) -> None:
        if x := self.pick(lambda shape: len(shape) > 0):
            dims = len(self.shape(x))
            d = tuple(sorted(self.random.sample(range(dims), self.random.randint(1, dims))))
            self.add_one_of(FEWER, x=x, d=d, k=self.random.random() < 0.4)

    def other_shape(self) -> None:
        x = self.pick(lambda shape: len(shape) > 0)
        if not x:
            return
        shape = self.shape(x)
        i, j = self.random.randrange(len(shape)), self.random.randrange(len(shape))
        start = self.random.randrange(shape[i])
        cut = ", ".join([":"] * i + [f"{start}:"])
        even = ", ".join([":"] * i + ["::2"])
        index = [self.random.randrange(shape[i]) for _ in range(self.random.randint(1, 5))]
        picked = ", ".join([":"] * i + [f"h.tensor({index})"])
        whole = self.rng.integers(
            0, shape[i], (*shape[:i], self.random.randint(1, 4), *shape[i + 1 :])
        ).tolist()
        size = math.prod(shape)
        divisor = self.random.choice([k for k in range(1, size + 1) if size % k == 0])
        forms = [
            f"{x}.reshape({divisor}, {size // divisor})", f"{x}.transpose({i}, {j})", f"{x}.unsqueeze({i})",
            f"{x}[{cut}]", f"{x}[{even}]", f"{x}[{picked}]", f"{x}.gather({i}, h.tensor({whole}))",
            f"{x}[{start if i == 0 else 0}]", f"h.cat([{x}, {x} * 2, {x}], {i})", f"h.stack([{x}, {x}], {i})",
            f"{x}.unsqueeze(0).expand({', '.join(map(str, (3, *shape)))})", f"{x}.flatten()",
            f"{x}.repeat({', '.join(map(str, (2, *[1] * (len(shape) - 1))))})",
        ]  # fmt: skip
        if len(shape) > 1:
            forms += [f"{x}.tril()", f"{x}.triu(1)"]
        if y := self.pick(lambda other: other == shape):
            forms += [f"h.cat([{x}, {y}], {i})"]
        self.add(self.random.choice(forms))

    def product(self) -> None:
        x = self.pick(lambda shape: len(shape) > 1)
        if not x:
            return
        k, n = self.shape(x)[-1], self.random.randint(1, 5)
        y = self.pick(lambda other: len(other) > 1 and other[-2] == k and len(other) <= 3) or self.leaf(k, n)
        forms = [f"{x} @ {x}.transpose(-1, -2) * 0.3", f"F.linear({x}, {self.leaf(n, k)}, {self.leaf(n)})"]
        if len(self.shape(y)) == 2 or self.shape(x)[:-2] == self.shape(y)[:-2]:
            forms += [f"{x} @ {y}", f"({x} @ {y}).tanh() @ {y}.transpose(-1, -2)"]
        if len(self.shape(x)) == 2 and self.shape(x)[0] == k:
            forms += [f"{x} @ {x}", f"F.linear({x}, {x}, {x}[0])"]
        self.add(self.random.choice(forms))

    def image(self) -> None:
        x = self.pick(lambda shape: len(shape) == 4 and min(shape[2:]) >= 2)
        if not x:
            x = self.leaf(self.random.randint(1, 4), self.random.randint(1, 3), 4, self.random.randint(3, 5))
        c, out, k = self.shape(x)[1], self.random.randint(1, 3), self.random.randint(1, 2)
        w = self.leaf(out, c, k, k)
        self.add_one_of(
            (
                f"F.conv2d({x}, {w}, {self.leaf(out)})", f"F.conv2d({x}, {w}, padding=1, stride=2)",
                f"F.max_pool2d({x}, 2)", f"F.max_pool2d({x}, 2, 1)", f"F.avg_pool2d({x}, 2, 1)",
            )
        )  # fmt: skip

    def norm(self) -> None:
        x = self.pick(lambda shape: len(shape) in (2, 4) and shape[0] > 1)
        if x:
            c = self.shape(x)[1]
            affine = f"{self.leaf(c)}, {self.leaf(c)}"
            self.add_one_of(
                (
                    f"F.batch_norm({x}, None, None, {affine}, training=True, eps=0.1)",
                    f"F.group_norm({x}, 1, {affine}, eps=0.1)",
                )
            )

    def attention(self) -> None:
        if x := self.pick(lambda shape: len(shape) in (3, 4)):
            shape = self.shape(x)
            y, z = (self.pick(lambda other: other == shape) for _ in range(2))
            mask = self.leaf(shape[-2], shape[-2])
            more = self.random.choice(("", ", is_causal=True", f", attn_mask={mask}"))
            self.add(f"F.scaled_dot_product_attention({x}, {y}, {z}{more})")

    def recurrent(self) -> None:
        if x := self.pick(lambda shape: len(shape) == 3):
            op, size = self.random.choice(list(GATES)), self.random.randint(1, 3)
            rows, k = GATES[op] * size, self.shape(x)[2]
            parts = [self.leaf(*s) for s in ((rows, k), (rows, size), (rows,), (rows,))]
            self.add(f"recurrent('{op}', {', '.join([x, *parts])})")

    def loss(self) -> None:
        x = self.pick()
        assert x
        shape = self.shape(x)
        y = self.pick(lambda other: other == shape)
        self.add_one_of(LOSSES, x=x, y=y, r=self.random.choice(("none", "sum", "mean")))
        if len(shape) == 2:
            labels = [self.random.randrange(shape[1]) for _ in range(shape[0])]
            self.add(f"F.cross_entropy({x}, h.tensor({labels}))")
            self.add(f"F.embedding(h.tensor({[self.random.randrange(shape[0]) for _ in range(4)]}), {x})")

    def keep_gradient(self) -> None:
        """Add a result that retains its gradient: a sum with a leaf of zeros, which has the same."""
        if self.results and len(self.graph.retained) < 2:
            x = self.results[-1]
            zeros = self.leaf(*self.shape(x), zeros=True)
            self.add(f"{x} + {zeros}")
            self.graph.retained[self.results[-1]] = zeros

    def make(self) -> Graph:
        for _ in range(self.random.randint(1, 3)):
            self.leaf(
                *self.random.choice([(5, 3), (4, 4), (6,), (3, 2, 4), (4, 2, 4, 4), (2, 3, 3), (7, 1), ()])
            )
        kinds = [
            (self.one, 5), (self.along, 3), (self.two, 6), (self.fewer, 3), (self.other_shape, 5),
            (self.product, 3), (self.image, 1), (self.norm, 1), (self.attention, 1),
            (self.recurrent, 0.5), (self.loss, 1), (self.keep_gradient, 0.5),
        ]  # fmt: skip
        wanted = self.random.randint(3, 14)
        for kind in self.random.choices([k for k, _ in kinds], [w for _, w in kinds], k=100):
            if len(self.graph.lines) >= wanted:
                break
            kind()
        if not self.results:
            self.add("w0 * w0")
        used = {name for _, code in self.graph.lines for name in names_in(code)}
        self.graph.leaves = {name: x for name, x in self.graph.leaves.items() if name in used}
        graph, some = self.graph, self.random.sample(self.results, min(len(self.results), 3))
        graph.outputs = sorted(
            {self.results[-1], *some[: self.random.randint(0, 2)]}, key=lambda n: int(n[1:])
        )
        graph.held = set(self.random.choice([[], some, self.results]))
        graph.separately = self.random.random() < 0.25
        return graph


def meet(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Return whether two shapes can be broadcast."""
    return all(x == y or 1 in (x, y) for x, y in zip(reversed(a), reversed(b), strict=False))


def random_graph(seed: int, double: Any) -> Graph:
    return Maker(seed, double).make()
