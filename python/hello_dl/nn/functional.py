"""hello_dl.functional under the name by which PyTorch's users know it: `from hello_dl.nn import functional as F`."""

from ..functional import *  # noqa: F403
from ..functional import __all__ as __all__
