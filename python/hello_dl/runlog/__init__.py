"""The run log: what happened inside a training, in one SQLite file that anyone can query (chapter 6).

Read schema.py first (what is in the file), then writer.py (who puts it there), then reader.py.
"""

from hello_dl.runlog.log_reader import LogReader, Run
from hello_dl.runlog.log_writer import RunLog, RunWriter

__all__ = ["LogReader", "Run", "RunLog", "RunWriter"]
