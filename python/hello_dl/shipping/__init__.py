"""Networks as files for other programs: ONNX for engines, C for small computers, WebAssembly for browsers.

`export(model, example, "net.onnx")`: the network is called once with the example, and each step is written
down (trace.py); what follows from its shape alone is noticed (vary.py). One file writes one format.
"""

from hello_dl.shipping.export import export
from hello_dl.shipping.graph import About

__all__ = ["About", "export"]
