"""Where things are: the programs that are built, and the files of this run."""
import contextlib
import os
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = TOP + "/build/"
SYSSTREAM, SYSDECODE = BUILD + "sysstream", BUILD + "sysdecode"
STORM, ATTACH = BUILD + "tests/oracle/storm", BUILD + "tests/bench/attach"
CALLS, CAPTURED = BUILD + "tests/bench/calls", BUILD + "tests/e2e/captured"
EMPTY, CLOCK, NAME = (BUILD + "tests/bench/%s.bpf.o" % name for name in ("empty", "clock", "name"))
CROWD, TALLIES = BUILD + "tests/bench/crowd", BUILD + "tests/golden/tally"
CODEC = BUILD + "tests/bench/bench_codec"

_folder = ""


@contextlib.contextmanager
def folder_of_run():
    """Makes the folder that the functions below are about; it goes with all that is in it."""
    global _folder
    with tempfile.TemporaryDirectory(prefix="sysstream-bench.") as _folder:
        yield


def folder():
    return _folder


def kept(name):
    """A file that may be there already, from another part."""
    return os.path.join(_folder, name)


def fresh(name):
    """A file that is not there, or no longer."""
    path = kept(name)
    if os.path.exists(path):
        os.unlink(path)
    return path
