"""How much longer than usual tests wait for what may hang."""

import os

# .ci/sanitize sets this: how many times slower than usual the engine is.
SLOWER = int(os.environ.get("HELLO_DL_SLOWER", "1"))
