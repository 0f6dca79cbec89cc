"""functional under the name that PyTorch programs import: import hello_dl.nn.functional as F."""

from ..functional import *  # noqa: F403
from ..functional import __all__ as __all__
