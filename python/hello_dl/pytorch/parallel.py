"""What PyTorch has for several devices, on one CPU: the network itself, which uses all cores anyway."""

from __future__ import annotations

from typing import Any

from hello_dl.nn.module import Module
from hello_dl.nn.norm import _BatchNorm


class DataParallel(Module):
    """Call the network in `module`: there is no second device to divide the batch between."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids, self.output_device, self.dim = device_ids or [], output_device, dim

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Return what the network returns."""
        return self.module(*inputs, **named)


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over all processes: there is one, so it is BatchNorm of any shape."""

    axes = (2, 3, 4, 5)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)
        self.process_group = process_group

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:  # noqa: ARG003
        """Return the network itself: its batch norms see the whole batch."""
        return module
