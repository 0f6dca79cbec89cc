"""hello_dl.functional under the name by which PyTorch's users know it: `import hello_dl.nn.functional as F`."""

from ..functional import *  # noqa: F403
from ..functional import __all__ as __all__
