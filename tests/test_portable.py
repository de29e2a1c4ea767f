"""Every module can be imported and the command line works without modules that only Unix has.

Only the lack of these modules is simulated; paths, locks and processes of Windows and macOS are
untested.
"""

import json
import subprocess
import sys
from pathlib import Path

UNIX_ALONE = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios")
WITHOUT = f"""
import sys
import psutil  # its module for this system needs them
sys.modules |= dict.fromkeys({UNIX_ALONE}, None)
"""
IMPORT_ALL = """
import importlib, pkgutil
import netspatial
names = [module.name for module in pkgutil.walk_packages(netspatial.__path__, "netspatial.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
COMMAND = """
from netspatial.cli import main
main()
"""


def _python(code: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", WITHOUT + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_is_imported_without_unix_modules():
    files = Path(__file__).parents[1].glob("netspatial/**/*.py")
    assert int(_python(IMPORT_ALL)) == len(list(files)) - 1


def test_the_command_line_writes_a_file_without_unix_modules(tmp_path):
    out = tmp_path / "area.geojson"
    _python(COMMAND, "area", "--around=9.19,45.46", "--side-m", "500", "--out", str(out))
    assert json.loads(out.read_text())["type"] == "FeatureCollection"
    assert [path.name for path in tmp_path.iterdir()] == ["area.geojson"]
