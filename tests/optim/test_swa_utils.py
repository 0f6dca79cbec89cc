"""Averages of weights are PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl.optim import swa_utils

X = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)


def trained(library: Any, swa: Any, **options: Any) -> tuple[Any, Any]:
    """Return what an average of five steps says, and the learning rates of the steps."""
    net = library.nn.Sequential(library.nn.Linear(3, 4), library.nn.BatchNorm1d(4), library.nn.Linear(4, 1))
    with library.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(library.linspace(-1, 1, p.numel()).reshape(p.shape) * (i + 1) / 4)
    if "decay" in options:
        options["multi_avg_fn"] = swa.get_ema_multi_avg_fn(options.pop("decay"))
    average = swa.AveragedModel(net, **options)
    optimizer = library.optim.SGD(net.parameters(), lr=0.1)
    schedule = swa.SWALR(optimizer, swa_lr=0.02, anneal_epochs=3)
    x, rates = library.tensor(X), []
    for _ in range(5):
        optimizer.zero_grad()
        ((net(x) - 1) ** 2).mean().backward()
        optimizer.step()
        average.update_parameters(net)
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    swa.update_bn([(x[:6],), (x[6:],)], average)
    average.eval()
    return average(x).detach().numpy(), rates


@pytest.mark.parametrize("options", [{}, {"decay": 0.8}, {"use_buffers": True}])
def test_averages_and_rates_are_pytorchs(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = trained(h, swa_utils, **options), trained(torch, torch.optim.swa_utils, **options)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-6)


def test_what_cannot_be_is_refused() -> None:
    net = h.nn.Linear(1, 1)
    with pytest.raises(ValueError, match="got both"):
        swa_utils.AveragedModel(
            net, avg_fn=swa_utils.get_swa_avg_fn(), multi_avg_fn=swa_utils.get_swa_multi_avg_fn()
        )
    with pytest.raises(ValueError, match="needs a decay from 0 to 1, got 2"):
        swa_utils.get_ema_avg_fn(2)
    with pytest.raises(ValueError, match="'cos' or 'linear'"):
        swa_utils.SWALR(h.optim.SGD(net.parameters(), lr=0.1), 0.1, anneal_strategy="wave")
