"""The vision transformer: shapes, gradients, who looks at whom; and the maps of where networks look."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl
from hello_dl import functional as F
from hello_dl.data import builtin
from hello_dl.models import letters_cnn
from hello_dl.models.vision_transformer import VisionTransformer
from hello_dl.pictures.attention_maps import occlusion, picture, rollout

SCALE = (0.2, 0.3)


def small(classes: int = 5, **settings: int) -> VisionTransformer:
    return VisionTransformer(classes, **{"width": 16, "heads": 2, "layers": 2, **settings})


def images(n: int) -> np.ndarray:
    return builtin.generate(n, "letters26")[0]


def test_the_size_told_in_the_docs() -> None:
    model = VisionTransformer()
    assert model(hello_dl.zeros(3, 1, 28, 28)).shape == (3, 26)
    assert sum(p.numel() for p in model.parameters()) == 206_106


def test_patches_are_read_row_by_row_with_the_class_token_first() -> None:
    model = small(side=8, patch=4)
    x = hello_dl.zeros(1, 1, 8, 8).numpy().copy()
    before = model.tokens(hello_dl.tensor(x)).numpy()
    x[0, 0, 1, 6] = 1  # a pixel in the second patch
    changed = (model.tokens(hello_dl.tensor(x)).numpy() != before).any(axis=2)
    assert changed.tolist() == [[False, False, True, False, False]]


def test_every_parameter_gets_a_gradient_and_every_pixel_matters() -> None:
    model = small()
    x = hello_dl.tensor(np.random.default_rng(0).random((4, 1, 28, 28), np.float32), requires_grad=True)
    F.cross_entropy(model(x), hello_dl.tensor([0, 1, 2, 3])).backward()
    assert x.grad is not None
    assert (x.grad.numpy() != 0).all()
    for name, parameter in model.named_parameters():
        gradient = parameter.grad
        assert gradient is not None, name
        assert np.abs(gradient.numpy()).max() > 0, name


def test_it_learns_a_few_letters_by_heart() -> None:
    hello_dl.manual_seed(1)
    model = small()
    x, y = hello_dl.tensor(images(5)[:, None].astype(np.float32) / 255), hello_dl.tensor(np.arange(5))
    optimizer = hello_dl.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(60):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (model(x).numpy().argmax(axis=1) == np.arange(5)).all()


def test_attention_is_that_of_the_forward_pass() -> None:
    model = small().eval()
    x = hello_dl.tensor(images(2)[:, None].astype(np.float32) / 255)
    maps = model.attention(x)
    assert [m.shape for m in maps] == [(2, 2, 50, 50)] * 2
    assert np.allclose(maps[0].numpy().sum(axis=3), 1, atol=1e-5)
    layer, tokens = model.layers[0], model.tokens(x)
    y = layer.norm1(tokens)  # by hand: A V, projected, is what the layer's attention adds
    weight, bias = layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias
    value = F.linear(y, weight[32:], bias[32:]).reshape(2, 50, 2, 8).permute(0, 2, 1, 3)
    mixed = layer.self_attn.out_proj((maps[0] @ value).permute(0, 2, 1, 3).reshape(2, 50, 16))
    direct = layer.self_attn(y, y, y)[0]
    assert np.allclose(mixed.numpy(), direct.numpy(), atol=1e-5)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="patches that fill the side, got 5 and 28"):
        VisionTransformer(patch=5)
    with pytest.raises(ValueError, match="heads"):
        VisionTransformer(heads=5)


def test_a_rollout_says_what_the_class_token_is_made_of() -> None:
    model = small()
    maps = rollout(model, images(3), SCALE)
    assert maps.shape == (3, 7, 7)
    assert (maps > 0).all()
    assert (maps.sum(axis=(1, 2)) < 1).all()
    assert model.training  # as it was
    x = hello_dl.tensor((images(3)[:, None].astype(np.float32) / 255 - SCALE[0]) / SCALE[1])
    first, second = ((m.numpy().mean(axis=1) + np.eye(50)) / 2 for m in model.attention(x))
    assert np.allclose(maps.reshape(3, 49), (second @ first)[:, 0, 1:], atol=1e-5)


def test_covering_what_is_paper_already_changes_nothing() -> None:
    x = images(2)
    maps = occlusion(letters_cnn(), x, SCALE)
    paper = x.reshape(2, 7, 4, 7, 4).max(axis=(2, 4)) == 0
    assert maps.shape == (2, 7, 7)
    assert paper.any()
    assert not paper.all()
    assert np.allclose(maps[paper], 0, atol=1e-6)
    assert (np.abs(maps[~paper]) > 1e-6).any()


def test_the_picture_glows_where_the_map_is_high() -> None:
    x = np.zeros((2, 28, 28), np.uint8)
    glow = np.zeros((2, 7, 7), np.float32)
    glow[1, 0, 0] = 3
    colours = np.asarray(picture(x, [("a map", glow)], scale=2))
    assert colours.shape == (2 * (56 + 6) + 6, 130 + 2 * (56 + 6), 3)
    red = (colours[..., 0] > 200) & (colours[..., 1] < 100)
    rows, columns = np.nonzero(red)
    assert len(rows) == 64
    assert rows.min() == 68
    assert columns.min() == 192
