"""The command ``union7510``.

What belongs here: arguments, output, exit codes (0 done, 1 the data has problems, 2 the call is wrong, 3 the
system failed). What does not: the work. ``--json`` prints one document on stdout; all else is on stderr.
"""

from etl.cli.main import main

__all__ = ["main"]
