"""GPT-2's published layout: a random small file gives what the paper's equations and PyTorch give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from gpt2_files import CONTEXT, HEADS, LAYERS, Arrays, C, V, published, write_vocabulary
from hello_dl._core import from_numpy
from hello_dl.text.gpt2 import gpt2_vocabulary, load_gpt2


def equations(p: Arrays, ids: Any) -> Any:
    """Compute the forward pass of Radford et al. 2019 in numpy, in float64: ids (T,), scores (T, V)."""

    def norm(x: Any, name: str) -> Any:
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return x * p[name + ".weight"] + p[name + ".bias"]

    def product(x: Any, name: str) -> Any:
        return x @ p[name + ".weight"] + p[name + ".bias"]

    p = {name: array.astype(np.float64) for name, array in p.items()}
    T = len(ids)
    x = p["wte.weight"][ids] + p["wpe.weight"][:T]
    for i in range(LAYERS):
        q, k, v = np.split(product(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn"), 3, axis=-1)
        heads = []
        for h in range(HEADS):
            d = slice(h * C // HEADS, (h + 1) * C // HEADS)
            w = np.exp(q[:, d] @ k[:, d].T / np.sqrt(C / HEADS)) * np.tri(T)
            heads.append(w / w.sum(-1, keepdims=True) @ v[:, d])
        x = x + product(np.concatenate(heads, -1), f"h.{i}.attn.c_proj")
        u = product(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc")
        u = 0.5 * u * (1 + np.tanh(np.sqrt(2 / np.pi) * (u + 0.044715 * u**3)))
        x = x + product(u, f"h.{i}.mlp.c_proj")
    return norm(x, "ln_f") @ p["wte.weight"].T


def in_torch(p: Arrays, ids: Any) -> Any:
    """Compute the same with PyTorch's functions."""
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    w = {name: torch.tensor(array) for name, array in p.items()}

    def norm(x: Any, name: str) -> Any:
        return F.layer_norm(x, (C,), w[name + ".weight"], w[name + ".bias"])

    def product(x: Any, name: str) -> Any:
        return F.linear(x, w[name + ".weight"].T, w[name + ".bias"])

    x = F.embedding(torch.tensor(ids), w["wte.weight"]) + w["wpe.weight"][: len(ids)]
    for i in range(LAYERS):
        parts = product(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn").split(C, -1)
        q, k, v = (part.view(-1, HEADS, C // HEADS).transpose(0, 1) for part in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + product(y.transpose(0, 1).reshape(-1, C), f"h.{i}.attn.c_proj")
        y = F.gelu(product(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"), approximate="tanh")
        x = x + product(y, f"h.{i}.mlp.c_proj")
    return (norm(x, "ln_f") @ w["wte.weight"].T).numpy()


IDS = np.random.default_rng(1).integers(0, V, CONTEXT)


@pytest.mark.parametrize("prefix", ["", "transformer."])
def test_a_file_in_the_published_layout_computes_the_papers_equations(prefix: str, tmp_path: Path) -> None:
    arrays = published(prefix)
    arrays[f"{prefix}h.0.attn.bias"] = np.tri(CONTEXT, dtype=np.float32)[
        None, None
    ]  # the mask, in some files
    arrays["lm_head.weight"] = arrays[f"{prefix}wte.weight"]
    save_file(arrays, tmp_path / "model.safetensors")
    model = load_gpt2(tmp_path / "model.safetensors", heads=HEADS)
    assert (model.vocabulary, model.context, model.width, len(model.h)) == (V, CONTEXT, C, LAYERS)
    expected = equations(published(), IDS)
    np.testing.assert_allclose(model(from_numpy(IDS[None])).numpy()[0], expected, atol=2e-4)
    np.testing.assert_allclose(model.reader().read(IDS.tolist()), expected[-1], atol=2e-4)


def test_and_what_pytorch_computes(tmp_path: Path) -> None:
    save_file(published(), tmp_path / "model.safetensors")
    model = load_gpt2(tmp_path / "model.safetensors", heads=HEADS)
    expected = in_torch(published(), IDS)
    np.testing.assert_allclose(model(from_numpy(IDS[None])).numpy()[0], expected, atol=2e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.pop("h.1.mlp.c_fc.bias"), "the tensor h.1.mlp.c_fc.bias is missing"),
        (lambda p: p.pop("wte.weight"), "the tensor wte.weight is missing"),
        (
            lambda p: p.update({"h.0.attn.c_attn.weight": np.zeros((C, 3 * C + 3), np.float32)}),
            r"h.0.attn.c_attn.weight needs shape \(24, 72\) for a width of 24, got \(24, 75\)",
        ),
        (
            lambda p: p.update({"wpe.weight": np.zeros((12, 25), np.float32)}),
            "width of wte.weight, 24, got 25",
        ),
        (lambda p: p.update({"lm_head.weight": np.zeros((V, C), np.float32)}), "shares them"),
        (lambda p: p.update({"h.0.surprise": np.zeros(3, np.float32)}), "h.0.surprise has no place"),
    ],
)
def test_a_file_that_is_not_gpt2_is_refused_and_the_tensor_named(
    change: Any, words: str, tmp_path: Path
) -> None:
    arrays = published()
    change(arrays)
    save_file(arrays, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=rf"model\.safetensors: .*{words}"):
        load_gpt2(tmp_path / "model.safetensors", heads=HEADS)


def test_other_mistakes_with_gpt2s_files_are_told(tmp_path: Path) -> None:
    save_file(published(), tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="number of heads"):
        load_gpt2(tmp_path / "model.safetensors")
    with pytest.raises(FileNotFoundError, match="nothing"):
        load_gpt2(tmp_path / "nothing")
    (tmp_path / "bad.safetensors").write_bytes(b"no such thing")
    with pytest.raises(ValueError, match=r"bad\.safetensors.*intact"):
        load_gpt2(tmp_path / "bad.safetensors")


def test_gpt2s_vocabulary_files_give_the_encoder_that_they_describe(tmp_path: Path) -> None:
    ours = write_vocabulary(tmp_path)
    theirs = gpt2_vocabulary(tmp_path / "vocab.json", tmp_path / "merges.txt")
    content = "the lowest é newer\n\x00".encode() + bytes([0xFF, 0x80])
    assert [theirs.tokens[i] for i in theirs.encode(content)] == [
        ours.tokens[i] for i in ours.encode(content)
    ]
    assert theirs.decode_bytes(theirs.encode(content).tolist()) == content
    assert theirs.tokens[0] == b"!"
    assert theirs.tokens[-1] == b"<|endoftext|>"
    with (tmp_path / "merges.txt").open("a") as file:
        file.write("low nothing\n")
    with pytest.raises(ValueError, match=r"merges\.txt: line \d+ .*'low nothing'"):
        gpt2_vocabulary(tmp_path / "vocab.json", tmp_path / "merges.txt")
    (tmp_path / "vocab.json").write_text("[]")
    with pytest.raises(ValueError, match=r"vocab\.json"):
        gpt2_vocabulary(tmp_path / "vocab.json", tmp_path / "merges.txt")
