"""An interrupt that comes before the command line has begun ends the program at once and without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# The signal arrives while the command line is imported, which takes most of the start.
PROGRAM = """
import os, signal, sys
# Who starts the tests in the background may have SIGINT ignored, which would go on to us.
signal.signal(signal.SIGINT, signal.default_int_handler)
from rostersync.__main__ import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "rostersync.cli.app":
            os.kill(os.getpid(), int(sys.argv[1]))

sys.meta_path.insert(0, Interrupting())
main(["codes"])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_by_the_signal_and_says_nothing(number: signal.Signals) -> None:
    argv = [sys.executable, "-c", PROGRAM, str(int(number))]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-number, "", "")
