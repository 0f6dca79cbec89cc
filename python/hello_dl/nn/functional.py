"""functional under the name that PyTorch programs import: import hello_dl.nn.functional as F."""

from hello_dl.functional import *  # noqa: F403
from hello_dl.functional import __all__ as __all__
from hello_dl.functional import __getattr__ as __getattr__
