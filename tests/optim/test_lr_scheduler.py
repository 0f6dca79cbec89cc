"""Schedules and gradient clipping do what PyTorch's do, step by step, and can be saved and resumed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, optim
from hello_dl.optim import lr_scheduler

Make = Callable[[Any, Any], Any]  # a module lr_scheduler, and an optimizer, to a schedule

SCHEDULES: dict[str, Make] = {
    "step": lambda s, o: s.StepLR(o, 3, gamma=0.5),
    "milestones": lambda s, o: s.MultiStepLR(o, [7, 2, 2, 11], gamma=0.3),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "constant": lambda s, o: s.ConstantLR(o, 0.25, total_iters=4),
    "linear": lambda s, o: s.LinearLR(o, 0.1, 1.0, total_iters=5),
    "linear down to nothing": lambda s, o: s.LinearLR(o, 1.0, 0.0, total_iters=5),
    "cosine, down and up": lambda s, o: s.CosineAnnealingLR(o, 6, eta_min=0.01),
    "lambda": lambda s, o: s.LambdaLR(o, [lambda t: 0.9**t, lambda t: 1 / (1 + t)]),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.4, total_steps=30),
    "one cycle, three phases": lambda s, o: s.OneCycleLR(
        o,
        [0.4, 0.8],
        epochs=3,
        steps_per_epoch=10,
        three_phase=True,
        anneal_strategy="linear",
        div_factor=4.0,
    ),
    "one cycle, from the top": lambda s, o: s.OneCycleLR(o, 0.1, 30, pct_start=0.0, cycle_momentum=False),
    "polynomial": lambda s, o: s.PolynomialLR(o, 8, power=2.0),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda t: 0.95 if t % 2 else 1.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.01),
    "restarts of one length": lambda s, o: s.CosineAnnealingWarmRestarts(o, 7),
    "triangles": lambda s, o: s.CyclicLR(o, 0.1, [0.4, 0.8], 5, 3),
    "triangles that halve": lambda s, o: s.CyclicLR(o, 0.1, 0.4, 4, mode="triangular2", base_momentum=0.5),
    "triangles that shrink": lambda s, o: s.CyclicLR(o, 0.1, 0.4, 4, mode="exp_range", gamma=0.9),
    "triangles by a function": lambda s, o: s.CyclicLR(
        o, 0.1, 0.4, 4, scale_fn=lambda x: 1 / x, cycle_momentum=False
    ),
    "chained": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, total_iters=3), s.ExponentialLR(o, 0.9)]
    ),
    "warm-up, then cosine": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 20), s.StepLR(o, 2)], [4, 20]
    ),
}


def optimizers(torch: Any, name: str = "SGD", **settings: Any) -> tuple[Any, Any]:
    """Return our optimizer and PyTorch's, each with two groups of different learning rates."""
    pairs = []
    for library, parameter in ((hello_dl, nn.Parameter), (torch, torch.nn.Parameter)):
        params = [parameter(library.ones(2)) for _ in range(2)]
        groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.05}]
        pairs.append(getattr(library.optim, name)(groups, lr=0.2, **settings))
    return pairs[0], pairs[1]


def rates(optimizer: Any) -> list[float]:
    """Return what schedules change: learning rates and momentum."""
    return [
        number
        for group in optimizer.param_groups
        for number in (group["lr"], group["momentum"] if "momentum" in group else group["betas"][0])
    ]


def walk(schedule: Any, steps: int) -> list[list[float]]:
    """Return the rates after each of some steps."""
    seen = []
    for _ in range(steps):
        schedule.optimizer.step()
        schedule.step()
        assert schedule.get_last_lr() == [group["lr"] for group in schedule.optimizer.param_groups]
        seen.append(rates(schedule.optimizer))
    return seen


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_step_is_pytorchs(name: str, optimizer: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = optimizers(torch, optimizer)
    a = SCHEDULES[name](lr_scheduler, ours)
    b = SCHEDULES[name](torch.optim.lr_scheduler, theirs)
    np.testing.assert_allclose(rates(ours), rates(theirs), rtol=1e-12)
    np.testing.assert_allclose(walk(a, 30), walk(b, 30), rtol=1e-9, atol=1e-15)


def test_two_schedules_at_once_multiply_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    seen = []
    for optimizer, s in zip(optimizers(torch), (lr_scheduler, torch.optim.lr_scheduler), strict=True):
        warm, fall = s.LinearLR(optimizer, 0.1, total_iters=5), s.ExponentialLR(optimizer, 0.8)
        for _ in range(9):
            optimizer.step()
            warm.step()
            fall.step()
            seen.append(rates(optimizer))
    np.testing.assert_allclose(seen[:9], seen[9:], rtol=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_saved_schedule_goes_on_where_it_was(name: str) -> None:
    def fresh() -> Any:
        groups = [{"params": [nn.Parameter([1.0])]}, {"params": [nn.Parameter([1.0])], "lr": 0.05}]
        return SCHEDULES[name](lr_scheduler, optim.SGD(groups, lr=0.2))

    straight = walk(fresh(), 20)
    first, second = fresh(), fresh()
    walk(first, 8)
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert walk(second, 12) == straight[8:]


PLATEAUS: list[dict[str, Any]] = [
    {"patience": 1, "factor": 0.5},
    {"patience": 0, "cooldown": 2, "min_lr": [0.04, 0.01], "factor": 0.3},
    {"mode": "max", "patience": 1, "threshold": 0.05},
    {"mode": "max", "patience": 1, "threshold": 0.05, "threshold_mode": "abs", "eps": 0.1},
    {"threshold": 0.1, "threshold_mode": "abs", "patience": 2},
]


@pytest.mark.parametrize("settings", PLATEAUS)
def test_a_plateau_is_noticed_when_pytorch_does(settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = optimizers(torch)
    a = lr_scheduler.ReduceLROnPlateau(ours, **settings)
    b = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **settings)
    measures = np.random.default_rng(0).normal(size=40).cumsum() / 10
    changed = set()
    for i, measure in enumerate([1.0, *measures, math.nan, 5.0]):
        if i == 20:
            a2 = lr_scheduler.ReduceLROnPlateau(ours)
            a2.load_state_dict(json.loads(json.dumps(a.state_dict())))
            a = a2
        a.step(measure)
        b.step(measure)
        np.testing.assert_allclose(rates(ours), rates(theirs), rtol=1e-12)
        changed.add(ours.param_groups[0]["lr"])
    assert len(changed) > 1 or "eps" in settings


RESUMED = [
    ("CosineAnnealingLR", {"T_max": 12}),
    ("CosineAnnealingLR", {"T_max": 5, "eta_min": 0.01}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("StepLR", {"step_size": 3}),
    ("MultiStepLR", {"milestones": [2, 7]}),
    ("LinearLR", {"total_iters": 9}),
    ("ConstantLR", {"total_iters": 7}),
    ("LambdaLR", {"lr_lambda": lambda t: 0.9**t}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 20}),
]


@pytest.mark.parametrize(("name", "settings"), RESUMED)
@pytest.mark.parametrize("done", [1, 5, 7])
def test_an_optimizer_that_goes_on_knows_where_its_schedule_began(
    name: str, settings: dict[str, Any], done: int
) -> None:
    def optimizer(**group: Any) -> optim.SGD:
        return optim.SGD([{"params": [nn.Parameter([1.0])], **group}], lr=0.1, momentum=0.9)

    def schedule(of: optim.SGD, **more: Any) -> lr_scheduler.LRScheduler:
        made: lr_scheduler.LRScheduler = getattr(lr_scheduler, name)(of, **settings, **more)
        return made

    first = optimizer()
    straight = schedule(first)
    for _ in range(done):
        straight.step()
    second, third = optimizer(), optimizer(initial_lr=first.param_groups[0]["initial_lr"])
    second.load_state_dict(first.state_dict())  # PyTorch's way to go on
    third.param_groups[0]["lr"] = third.param_groups[0]["initial_lr"]  # a new one, told where it began
    others = [schedule(o, last_epoch=done - 1) for o in (second, third)]
    for _ in range(6):
        for o in (second, third):
            assert o.param_groups[0]["lr"] == pytest.approx(first.param_groups[0]["lr"], rel=1e-9, abs=1e-12)
        for one in (straight, *others):
            one.step()


def test_two_schedules_of_one_optimizer_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    rates = []
    for library, parameter in ((hello_dl, nn.Parameter([1.0])), (torch, torch.nn.Parameter(torch.ones(1)))):
        optimizer = library.optim.SGD([parameter], lr=0.1)
        schedules = library.optim.lr_scheduler
        both = (
            schedules.CosineAnnealingLR(optimizer, 7, eta_min=0.01),
            schedules.ExponentialLR(optimizer, 0.9),
        )
        seen = []
        for _ in range(20):
            optimizer.step()
            for schedule in both:
                schedule.step()
            seen.append(optimizer.param_groups[0]["lr"])
        rates.append(seen)
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)


def test_a_step_may_name_its_epoch() -> None:
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=8.0)
    schedule = lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    schedule.step(4)
    assert (schedule.last_epoch, optimizer.param_groups[0]["lr"]) == (4, 2)
    schedule.step()
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == 1


def test_a_schedule_of_ones_own_overrides_get_lr() -> None:
    class Halving(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = optim.SGD([nn.Parameter([1.0])], lr=8.0)
    schedule = Halving(optimizer)
    seen = [optimizer.param_groups[0]["lr"]]
    for _ in range(3):
        schedule.step()
        seen.append(optimizer.param_groups[0]["lr"])
    assert seen == [8, 4, 2, 1]


SGD = optim.SGD([nn.Parameter([1.0])], lr=0.1)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: lr_scheduler.StepLR(nn.Linear(1, 1), 3),
            TypeError,
            "StepLR: needs an optimizer, got Linear",
        ),
        (lambda: lr_scheduler.StepLR(SGD, 0), ValueError, "step_size of at least 1, got 0"),
        (
            lambda: lr_scheduler.StepLR(optim.SGD([nn.Parameter([1.0])]), 3, last_epoch=4),
            ValueError,
            "before",
        ),
        (lambda: lr_scheduler.LinearLR(SGD, 0.0), ValueError, "start_factor above 0"),
        (lambda: lr_scheduler.ConstantLR(SGD, 2.0), ValueError, "factor from 0 to 1"),
        (lambda: lr_scheduler.CosineAnnealingLR(SGD, 0), ValueError, "T_max"),
        (lambda: lr_scheduler.LambdaLR(SGD, [math.sin, math.cos]), ValueError, "1 functions, got 2"),
        (lambda: lr_scheduler.OneCycleLR(SGD, 0.1), ValueError, "total_steps, or epochs and steps_per_epoch"),
        (lambda: lr_scheduler.OneCycleLR(SGD, [0.1, 0.2], 9), ValueError, "1 max_lr, one a group, got 2"),
        (lambda: lr_scheduler.OneCycleLR(SGD, 0.1, 9, anneal_strategy="up"), ValueError, "'cos' or 'linear'"),
        (lambda: walk(lr_scheduler.OneCycleLR(SGD, 0.1, 9), 10), ValueError, "at most 9 steps"),
        (lambda: lr_scheduler.ReduceLROnPlateau(SGD, factor=1.0), ValueError, "factor between 0 and 1"),
        (lambda: lr_scheduler.ReduceLROnPlateau(SGD, mode="best"), ValueError, "'min' or 'max'"),
        (lambda: lr_scheduler.ReduceLROnPlateau(SGD, min_lr=[0, 0]), ValueError, "1 min_lr"),
        (
            lambda: lr_scheduler.SequentialLR(SGD, [lr_scheduler.StepLR(SGD, 3)], [4]),
            ValueError,
            "one schedule more than its 1 milestones, got 1",
        ),
        (
            lambda: lr_scheduler.SequentialLR(SGD, [lr_scheduler.ReduceLROnPlateau(SGD)], []),
            ValueError,
            "same optimizer",
        ),
        (lambda: lr_scheduler.LRScheduler(SGD), NotImplementedError, "get_lr"),
    ],
)
def test_what_is_no_schedule_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


# ---- clipping -----------------------------------------------------------------------------------------


def clipped(library: Any, parameter: Any, clip: str, *args: Any, bad: bool = False) -> tuple[Any, list[Any]]:
    """Return what a clipping function returns, and what gradients it leaves."""
    rng = np.random.default_rng(3)
    params = [parameter(library.zeros(*shape)) for shape in ((3, 4), (5,), (2,))]
    for p in params[:2]:  # the third has no gradient
        numbers = rng.normal(size=tuple(p.shape)).astype(np.float32)
        if bad:
            numbers.flat[0] = np.nan
        p.grad = library.tensor(numbers)
    result = getattr(library.nn.utils, clip)(params, *args)
    return result, [np.asarray(p.grad).copy() for p in params[:2]]


@pytest.mark.parametrize(
    ("clip", "args"),
    [
        ("clip_grad_norm_", (1.0,)),
        ("clip_grad_norm_", (100.0,)),
        ("clip_grad_norm_", (0.5, 1.0)),
        ("clip_grad_norm_", (0.5, 3.0)),
        ("clip_grad_norm_", (0.5, math.inf)),
        ("clip_grad_value_", (0.3,)),
    ],
)
def test_clipping_is_pytorchs(clip: str, args: tuple[float, ...]) -> None:
    torch = pytest.importorskip("torch")
    ours, mine = clipped(hello_dl, nn.Parameter, clip, *args)
    theirs, other = clipped(torch, torch.nn.Parameter, clip, *args)
    assert (ours is None) == (theirs is None)
    if theirs is not None:
        assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    for a, b in zip(mine, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_clipping_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="max_norm and norm_type above 0, got -1"):
        nn.utils.clip_grad_norm_([], -1.0)
    with pytest.raises(ValueError, match="clip_value above 0, got 0"):
        nn.utils.clip_grad_value_([], 0)
    with pytest.raises(ValueError, match="the gradient's norm is nan"):
        clipped(hello_dl, nn.Parameter, "clip_grad_norm_", 1.0, 2.0, True, bad=True)
    norm, gradients = clipped(hello_dl, nn.Parameter, "clip_grad_norm_", 1.0, bad=True)
    assert math.isnan(norm.item())
    assert all(np.isnan(g).all() for g in gradients)
    assert nn.utils.clip_grad_norm_([nn.Parameter([1.0])], 1.0).item() == 0
