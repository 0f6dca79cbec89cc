"""The derivative of every op, as an expression of tensors: pointwise, places, products, layers.

`RULES[op]` has a function for each input of the op. It returns G = dL/dY, taken back to that input. Read
rule.py first, then pointwise.py. Where a gradient has to be differentiated again, autograd/walk.py builds
its graph of these; everywhere else the engine uses its own rules in C++, which are faster. A test holds both
against each other.
"""

from hello_dl.autograd.rules.layers import COMPOSED, LAYERS
from hello_dl.autograd.rules.places import PLACES, cut
from hello_dl.autograd.rules.pointwise import POINTWISE
from hello_dl.autograd.rules.products import PRODUCTS
from hello_dl.autograd.rules.rule import Composition, Rule, Rules, Table

RULES: Table = {**POINTWISE, **PLACES, **PRODUCTS, **LAYERS}

_TRUTH, _PLACE = "truth values have no gradient", "places have no gradient"
NO_RULE = {
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), _TRUTH),
    **dict.fromkeys(("logical_not", "isnan", "isinf", "isfinite"), _TRUTH),
    **dict.fromkeys(("argmax", "argmin"), _PLACE),
    "ctc": "its gradient is that of the scores behind log_probs, so it is no derivative of its own input",
}

__all__ = ["COMPOSED", "NO_RULE", "RULES", "Composition", "Rule", "Rules", "Table", "cut"]
