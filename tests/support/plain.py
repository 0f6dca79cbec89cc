"""Convolution and attention as plain as possible, in numpy: to read, and to test the fast ones with."""

from __future__ import annotations

import numpy as np

from table import Array


def conv2d(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    """Slide filters over images (Goodfellow, Bengio, Courville: Deep Learning, 2016, equation 9.8).

    x (n, c, h, w), weight (out, c, kh, kw) and bias (out,) give y (n, out, oh, ow), where oh is
    (h + 2 padding - kh) // stride + 1, and ow likewise:

    y[n, o, i, j] = bias[o] + sum over c, k, l of weight[o, c, k, l] x[n, c, i stride + k, j stride + l].
    """
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = weight.shape[2:]
    oh, ow = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    y = np.zeros((len(x), len(weight), oh, ow), np.float32)
    for n in range(len(x)):  # each image
        for o in range(len(weight)):  # each filter
            for i in range(oh):  # each row of the result
                for j in range(ow):  # each column of the result
                    top, left = i * stride, j * stride
                    window = x[n, :, top : top + kh, left : left + kw]  # (c, kh, kw)
                    y[n, o, i, j] = bias[o] + (weight[o] * window).sum()
    return y


def attention(query: Array, key: Array, value: Array) -> Array:
    """Return softmax(Q K' / sqrt(d)) V: attention with one head (Vaswani et al., 2017, equation 1).

    query (t, d), key (s, d) and value (s, e) give (t, e). Row i is a mean of the values, weighted by how well
    their keys fit query i.
    """
    scores = query @ key.T / np.sqrt(np.float32(query.shape[1]))  # (t, s)
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)  # (t, s), each row sums to 1
    return np.asarray(weights @ value)
