"""Programs written for PyTorch run: hello_dl stands in torch's place, for `hello-dl run` and for notebooks.

places.py is the table: which module of hello_dl stands behind which of torch. faces.py makes modules of it.
install.py puts them where `import torch` finds them. check.py looks at a program before it runs, program.py
runs it. stand_ins.py has what only such programs use, vision/ the small part of torchvision that they use.
"""

from hello_dl.pytorch.check import Use, uses
from hello_dl.pytorch.install import as_torch
from hello_dl.pytorch.program import run_program

__all__ = ["Use", "as_torch", "run_program", "uses"]
