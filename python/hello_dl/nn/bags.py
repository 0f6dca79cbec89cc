"""EmbeddingBag: the mean or sum of several rows of a table, such as the words of a sentence."""

from __future__ import annotations

from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn import init
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty


class EmbeddingBag(Module):
    """A table of vectors; each bag of numbers becomes the mean, sum or largest of their vectors.

    input (bags, t), or (n,) with offsets (bags,), where each bag begins; y (bags, embedding_dim). weight
    (num_embeddings, embedding_dim) starts normally distributed. padding_idx belongs to no bag; other options
    are as in F.embedding_bag. ValueError for settings that do not fit.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("EmbeddingBag", device, dtype)
        need_sizes("EmbeddingBag", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if mode not in ("sum", "mean", "max"):
            raise Refusal(f"EmbeddingBag: mode needs 'sum', 'mean' or 'max', got {mode!r}")
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise Refusal(f"EmbeddingBag: needs a padding_idx within {num_embeddings}, got {padding_idx}")
        if _weight is not None and _weight.shape != (num_embeddings, embedding_dim):
            wanted = (num_embeddings, embedding_dim)
            raise Refusal(f"EmbeddingBag: needs a _weight {wanted}, got {_weight.shape}")
        self.num_embeddings, self.embedding_dim, self.mode = num_embeddings, embedding_dim, mode
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse, self.include_last_offset = sparse, include_last_offset
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = Parameter(empty(num_embeddings, embedding_dim) if _weight is None else _weight)
        if _weight is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0.0

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """Make a table of these vectors (k, d); frozen ones are not trained."""
        if embeddings.ndim != 2:
            raise Refusal(f"EmbeddingBag.from_pretrained: needs vectors (k, d), got {embeddings.shape}")
        k, d = embeddings.shape
        bag = cls(
            k,
            d,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            mode,
            sparse,
            embeddings,
            include_last_offset,
            padding_idx,
        )
        bag.weight.requires_grad = not freeze
        return bag

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """Return one vector a bag."""
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        s = f"{self.num_embeddings}, {self.embedding_dim}"
        s += f", max_norm={self.max_norm}" * (self.max_norm is not None)
        s += f", norm_type={self.norm_type}" * (self.norm_type != 2)
        s += f", scale_grad_by_freq={self.scale_grad_by_freq}" * self.scale_grad_by_freq
        s += f", mode={self.mode!r}"
        return s + f", padding_idx={self.padding_idx}" * (self.padding_idx is not None)
