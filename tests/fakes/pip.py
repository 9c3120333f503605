"""A Python whose pip installs nothing, for builds whose dependencies do not matter: downloads take most of a build."""

import sys
from pathlib import Path

ARGUMENTS = "pip-arguments"
"""The file among the installed packages that has the arguments of pip."""
PROGRAM = f"""\
#!{sys.executable} -IS
import pathlib, sys
if "install" not in sys.argv:
    sys.exit("only pip install")
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
(target / "botocore/data").mkdir(parents=True)
(target / "{ARGUMENTS}").write_text(" ".join(sys.argv))
"""


def python_in(folder: Path) -> str:
    """Write the program, and return its path."""
    program = folder / "python"
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    return str(program)
