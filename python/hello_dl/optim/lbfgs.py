"""LBFGS: steps by an estimate of the curvature, for small problems whose whole loss can be computed often."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl.optim.line_search import Point, strong_wolfe
from hello_dl.optim.optimizer import Group, Optimizer, Params, need_range
from hello_dl.tensors import view_changes
from hello_dl.tensors.clones import before_change
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import enable_grad

Array = NDArray[Any]
Closure = Callable[[], Any]


class LBFGS(Optimizer):
    """Go along d = -H g, H being estimated from the last steps and changes of g (Liu, Nocedal 1989).

    `step(closure)` makes up to max_iter moves; the closure removes the gradients, calls backward() and
    returns the loss. Steps are lr long (times 1 / sum |g| at first), or with line_search_fn="strong_wolfe" as
    long as that search finds (Nocedal, Wright 2006, algorithms 3.5 and 7.4). It ends early if no |g| is above
    tolerance_grad, or nothing changes by more than tolerance_change. Beside the parameters it keeps
    2 history_size copies of them. ValueError for a setting outside its range, or more than one group.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(f"LBFGS: needs one group of parameters, got {len(self.param_groups)}")

    def _check(self, group: Group) -> None:
        need_range("LBFGS", 0, math.inf, lr=group["lr"])
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS: needs line_search_fn None or 'strong_wolfe', got {group['line_search_fn']!r}"
            )

    def step(self, closure: Closure | None = None) -> Any:
        """Make up to max_iter moves, and return the loss before them. TypeError without a closure."""
        if closure is None:
            raise TypeError("LBFGS: step needs a closure that computes the loss and its gradients")
        group, parameters = self.param_groups[0], self.param_groups[0]["params"]
        state = self._own[parameters[0]]
        history = _History(state, group["history_size"])
        found, loss, g = self._evaluate(closure)
        evaluations = 1
        state["func_evals"] = state.get("func_evals", 0) + 1
        if _largest(g) <= group["tolerance_grad"]:
            return found
        for i in range(1, group["max_iter"] + 1):
            state["n_iter"] = state.get("n_iter", 0) + 1
            history.update(g)
            step = group["lr"] * (min(1.0, 1 / float(np.abs(g).sum())) if state["n_iter"] == 1 else 1.0)
            d, before = history.d, loss
            slope = float(g @ d)
            history.t = step
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"]:
                x = _flat(parameters)
                best, tried = strong_wolfe(
                    self._along(closure, x, d),
                    d,
                    Point(0.0, loss, g, slope),
                    step,
                    group["max_eval"] - evaluations,
                    1e-9,
                )
                step, loss, g = best.step, best.loss, best.gradient
                _put(parameters, x + np.asarray(step, x.dtype) * d)
            else:
                _put(parameters, _flat(parameters) + np.asarray(step, d.dtype) * d)
                tried = int(i < group["max_iter"])
                if tried:
                    _, loss, g = self._evaluate(closure)
            history.t = step
            evaluations += tried
            state["func_evals"] += tried
            if (
                evaluations >= group["max_eval"]
                or _largest(g) <= group["tolerance_grad"]
                or _largest(d * step) <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break
        history.save(state, loss)
        return found

    def _evaluate(self, closure: Closure) -> tuple[Any, float, Array]:
        """Return what the closure returns, the loss as a number, and all gradients as one vector."""
        with enable_grad():
            found = closure()
        parameters = self.param_groups[0]["params"]
        gradients = [np.zeros(p.shape, p.dtype) if p.grad is None else p.grad.numpy() for p in parameters]
        return found, float(found), np.concatenate([g.ravel() for g in gradients])

    def _along(self, closure: Closure, x: Array, d: Array) -> Callable[[float], tuple[float, Array]]:
        """Return the loss and its gradient as a function of the step from x along d."""

        def at(step: float) -> tuple[float, Array]:
            _put(self.param_groups[0]["params"], x + np.asarray(step, x.dtype) * d)
            return self._evaluate(closure)[1:]

        return at


class _History:
    """The last steps s and changes y of the gradient, and the direction that follows from them."""

    def __init__(self, state: dict[str, Any], size: int) -> None:
        self.size = size
        self.d, self.before = (_array(state.get(name)) for name in ("d", "prev_flat_grad"))
        self.t = float(state.get("t", 0.0))
        self.ys, self.ss = ([_array(v) for v in state.get(name, [])] for name in ("old_dirs", "old_stps"))
        self.rhos = [float(rho) for rho in state.get("ro", [])]
        self.scale = float(state.get("H_diag", 1.0))

    def update(self, g: Array) -> None:
        """Remember the last move, and find the next direction (Nocedal, Wright 2006, algorithm 7.4)."""
        if self.before.size:
            self._remember(g - self.before, self.d * np.asarray(self.t, g.dtype))
        q, alphas = -g, []
        for y, s, rho in zip(reversed(self.ys), reversed(self.ss), reversed(self.rhos), strict=True):
            alphas.append(float(s @ q) * rho)
            q -= np.asarray(alphas[-1], g.dtype) * y
        q *= np.asarray(self.scale, g.dtype)
        for y, s, rho in zip(self.ys, self.ss, self.rhos, strict=True):
            q += np.asarray(alphas.pop() - float(y @ q) * rho, g.dtype) * s
        self.d, self.before = q, g.copy()

    def _remember(self, y: Array, s: Array) -> None:
        product = float(y @ s)
        if product <= 1e-10:  # the loss curves down along s: no estimate of H follows from this move
            return
        if len(self.ys) == self.size:
            del self.ys[0], self.ss[0], self.rhos[0]
        self.ys.append(y)
        self.ss.append(s)
        self.rhos.append(1 / product)
        self.scale = product / float(y @ y)

    def save(self, state: dict[str, Any], loss: float) -> None:
        """Write what the next step needs into the state, under PyTorch's names."""
        state.update(
            d=tensor(self.d),
            t=self.t,
            old_dirs=[tensor(y) for y in self.ys],
            old_stps=[tensor(s) for s in self.ss],
            ro=[tensor(rho) for rho in self.rhos],
            H_diag=tensor(self.scale),
            prev_flat_grad=tensor(self.before),
            prev_loss=loss,
        )


def _array(value: Any) -> Array:
    """Return a saved tensor as an array; without one, an array without numbers."""
    return np.zeros(0) if value is None else np.array(value.numpy())


def _largest(x: Array) -> float:
    """Return the largest magnitude."""
    return float(np.abs(x).max(initial=0.0))


def _flat(parameters: list[Tensor]) -> Array:
    """Return all numbers of the parameters as one vector."""
    return np.concatenate([p._raw().ravel() for p in parameters])


def _put(parameters: list[Tensor], numbers: Array) -> None:
    """Overwrite the parameters with the numbers of one vector."""
    before_change()
    first = 0
    for p in parameters:
        size = p.numel()
        p._own_numbers()
        p._raw()[...] = numbers[first : first + size].reshape(p.shape)
        p._assign(p)
        first += size
    view_changes.after_step(parameters)
