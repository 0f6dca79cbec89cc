"""torch.utils.tensorboard: a SummaryWriter that writes numbers as lines of JSON, for any plotter to read."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path
from typing import Any


class SummaryWriter:
    """Write the numbers of a training to log_dir/scalars.jsonl, each as a line {"tag": ..., "value": ...}.

    Pictures, histograms, graphs and texts are not written, and a warning says so once.
    """

    def __init__(self, log_dir: Any = None, comment: str = "", **_: Any) -> None:
        name = f"{time.strftime('%b%d_%H-%M-%S')}{comment}"
        self.log_dir = str(log_dir or Path("runs") / name)
        self._file: Any = None
        self._told: set[str] = set()

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        **_: Any,
    ) -> None:
        """Write one number."""
        if self._file is None:
            Path(self.log_dir).mkdir(parents=True, exist_ok=True)
            self._file = (Path(self.log_dir) / "scalars.jsonl").open("a", encoding="utf-8")
        line = {
            "tag": tag,
            "step": None if global_step is None else int(global_step),
            "value": float(scalar_value),
            "time": time.time() if walltime is None else walltime,
        }
        self._file.write(json.dumps(line) + "\n")

    def add_scalars(
        self, main_tag: str, tag_scalar_dict: dict[str, Any], global_step: int | None = None, **_: Any
    ) -> None:
        """Write several numbers, under main_tag/tag."""
        for tag, value in tag_scalar_dict.items():
            self.add_scalar(f"{main_tag}/{tag}", value, global_step)

    def add_hparams(
        self, hparam_dict: dict[str, Any], metric_dict: dict[str, Any], *_: Any, **__: Any
    ) -> None:
        """Write the results; the settings are not written."""
        del hparam_dict
        self.add_scalars("hparams", metric_dict)

    def _not_written(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            warnings.warn(
                f"SummaryWriter.{what}: hello_dl writes numbers only, to {self.log_dir}/scalars.jsonl",
                UserWarning,
                stacklevel=3,
            )

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("add_"):
            raise AttributeError(f"SummaryWriter has no {name!r}")
        return lambda *_, **__: self._not_written(name)

    def get_logdir(self) -> str:
        """Return the folder that is written to."""
        return self.log_dir

    def flush(self) -> None:
        """Write all that waits."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write all that waits, and close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
