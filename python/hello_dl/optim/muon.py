"""Muon: steps of matrices whose singular values are all about 1."""

from __future__ import annotations

import math

import numpy as np

from hello_dl.optim.by_array import Array, ByArray, State, average
from hello_dl.optim.optimizer import Group, Params, need_range

Coefficients = tuple[float, float, float]


class Muon(ByArray):
    """Momentum, made orthogonal: no direction of a weight matrix learns faster than another (Jordan 2024).

    m is the running mean of the gradients, and u = m, or with nesterov one more step of that mean towards it.
    O is u with all singular values brought near 1, by ns_steps steps of the Newton-Schulz iteration
    X = a X + (b A + c A^2) X with A = X X'. Then w = (1 - lr weight_decay) w - lr s O, where s is
    sqrt(max(1, rows / columns)), or with adjust_lr_fn="match_rms_adamw" 0.2 sqrt(max(rows, columns)), so that
    steps are about as large as AdamW's. For the matrices of hidden layers; give AdamW all other parameters.
    ValueError for a parameter that is no matrix, and for a setting outside its range.
    """

    remembers = ("momentum_buffer",)
    numbers = ()

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: Coefficients = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        defaults = {
            **{"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov},
            **{"ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps},
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)

    def _check(self, group: Group) -> None:
        settings = {name: group[name] for name in ("lr", "weight_decay", "momentum", "eps")}
        need_range("Muon", 0, math.inf, **settings)
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                "Muon: adjust_lr_fn needs 'original', 'match_rms_adamw' or None,"
                f" got {group['adjust_lr_fn']!r}"
            )
        for p in group["params"]:
            if p.ndim != 2:
                raise ValueError(f"Muon: needs matrices as parameters, got shape {tuple(p.shape)}")

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        m = state["momentum_buffer"]
        average(m, g, group["momentum"])
        u = g + group["momentum"] * (m - g) if group["nesterov"] else m
        rows, columns = w.shape
        wide = group["adjust_lr_fn"] == "match_rms_adamw"
        s = 0.2 * math.sqrt(max(rows, columns)) if wide else math.sqrt(max(1, rows / columns))
        w *= 1 - group["lr"] * group["weight_decay"]
        w -= group["lr"] * s * orthogonal(u, group["ns_coefficients"], group["ns_steps"], group["eps"])


def orthogonal(u: Array, coefficients: Coefficients, steps: int, eps: float) -> Array:
    """Return a matrix with the singular vectors of u, and singular values near 1."""
    a, b, c = coefficients
    x = u.T if len(u) > u.shape[1] else u  # x x' is then the smaller of both products
    x = x / max(float(np.linalg.norm(x)), eps)
    for _ in range(steps):
        A = x @ x.T
        x = a * x + (b * A + c * A @ A) @ x
    return x.T if len(u) > u.shape[1] else x
