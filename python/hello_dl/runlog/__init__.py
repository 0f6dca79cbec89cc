"""The run log: what happened inside a training, in one SQLite file that anyone can query (chapter 6).

Read schema.py first (the tables of the file), then log_writer.py, then log_reader.py; rows.py works out what
the writer stores, row_buffer.py keeps it until it is written.
"""

from hello_dl.runlog.log_reader import LogReader, Run
from hello_dl.runlog.log_writer import RunLog, RunWriter

__all__ = ["LogReader", "Run", "RunLog", "RunWriter"]
