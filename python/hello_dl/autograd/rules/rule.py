"""What a rule is: a function of G, the result, the inputs and the op's other arguments.

    "mul": (lambda G, y, a, b: G * b, lambda G, y, a, b: G * a)

With Y = A B number by number and G = dL/dY, the first returns dL/dA, the second dL/dB. They return
expressions of tensors, made of ops that have rules themselves: so they can be differentiated as well. None
stands for an input that has no gradient. This form is that of HIPS/autograd (Maclaurin, 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hello_dl._core import Tensor

Rule: TypeAlias = Callable[..., Tensor]
Rules: TypeAlias = tuple[Rule | None, ...]  # one for each input
Table: TypeAlias = dict[str, Rules]
Composition: TypeAlias = Callable[..., Tensor]  # an op, once more, made of other ops
