"""DataParallel on one CPU: the network itself, which uses all cores anyway."""

from __future__ import annotations

from typing import Any

from hello_dl.nn.module import Module


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
