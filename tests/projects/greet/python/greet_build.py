"""Packs greet for Python: wheels that carry the binary, and a source distribution.

It is also the PEP 517 backend of that source distribution, so it must know nothing but its own folder.
Formats: packaging.python.org/specifications (binary distribution format, source distribution format, core metadata 2.4).
"""

import base64
import gzip
import hashlib
import io
import os
import platform
import re
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

NAME = "greet"
MODULE = Path(__file__).resolve().parent.parent
SOURCES = ["LICENSE", "README.md", "go.mod", "pyproject.toml"]
SOURCE_FOLDERS = {"": ".go", "greeting": ".go", "python": ".py"}

# What is written into archives in place of the clock, so that the same source gives the same bytes.
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600"))


def metadata(version):
    """Core metadata, which METADATA in a wheel and PKG-INFO in a source distribution share."""
    readme = (MODULE / "README.md").read_text(encoding="utf-8")
    return f"""\
Metadata-Version: 2.4
Name: {NAME}
Version: {version}
Summary: Says hello to somebody in one of a few languages
Author: The greet authors
License-Expression: MIT
License-File: LICENSE
Project-URL: Source, https://github.com/acme/greet
Classifier: Environment :: Console
Classifier: Programming Language :: Go
Requires-Python: >=3.9
Description-Content-Type: text/markdown

{readme}"""


def write_wheel(folder, version, tags, binary, binary_name):
    """Writes one wheel for a compressed platform tag set such as `manylinux_2_17_x86_64.manylinux2014_x86_64`."""
    info = f"{NAME}-{version}.dist-info"
    # The format wants one Tag line for each platform where the file name has them joined by dots.
    tag_lines = "".join(f"Tag: py3-none-{tag}\n" for tag in tags.split("."))
    wheel = f"Wheel-Version: 1.0\nGenerator: greet_build\nRoot-Is-Purelib: false\n{tag_lines}"
    members = [
        (f"{NAME}-{version}.data/scripts/{binary_name}", binary, 0o755),
        (f"{info}/licenses/LICENSE", (MODULE / "LICENSE").read_bytes(), 0o644),
        (f"{info}/METADATA", metadata(version).encode(), 0o644),
        (f"{info}/WHEEL", wheel.encode(), 0o644),
    ]
    record = "".join(f"{name},sha256={record_digest(data)},{len(data)}\n" for name, data, _ in members)
    members.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644))
    path = Path(folder) / f"{NAME}-{version}-py3-none-{tags}.whl"
    path.write_bytes(zip_bytes(members))
    return path


def write_sdist(folder, version):
    """Writes `greet-VERSION.tar.gz`, named and laid out as PEP 625 and PEP 517 say."""
    root = f"{NAME}-{version}"
    members = [(f"{root}/PKG-INFO", metadata(version).encode(), 0o644)]
    members += [(f"{root}/{name}", (MODULE / name).read_bytes(), 0o644) for name in source_names()]
    path = Path(folder) / f"{root}.tar.gz"
    path.write_bytes(tar_gz_bytes(members))
    return path


def source_names():
    """The files a source distribution holds, in a stable order."""
    found = list(SOURCES)
    for folder, suffix in SOURCE_FOLDERS.items():
        inside = (path for path in (MODULE / folder).iterdir() if path.suffix == suffix)
        found += [path.relative_to(MODULE).as_posix() for path in inside]
    return sorted(found)


def compile_go(output, version, goos="", goarch=""):
    """Compiles the program, static and without paths, ids or version control stamps of this machine."""
    environment = dict(os.environ, CGO_ENABLED="0", GO111MODULE="on", GOENV="off", GOFLAGS="", GOPROXY="off",
                       GOTOOLCHAIN="local", GOWORK="off")
    environment.update({key: value for key, value in (("GOOS", goos), ("GOARCH", goarch)) if value})
    command = ["go", "build", "-trimpath", "-buildvcs=false", f"-ldflags=-s -w -buildid= -X main.version={version}"]
    subprocess.run([*command, "-o", str(output), "."], cwd=MODULE, env=environment, check=True)


def zip_bytes(members):
    """A deflated zip of (name, bytes, mode), in the order given."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in members:
            entry = zipfile.ZipInfo(name, time.gmtime(EPOCH)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever this runs on: the mode below means nothing otherwise
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, data)
    return memory.getvalue()


def tar_gz_bytes(members):
    """A gzipped tar of (name, bytes, mode), in the order given, owned by nobody in particular."""
    memory = io.BytesIO()
    # filename="" keeps the output's own name out of the gzip header.
    with gzip.GzipFile(filename="", mode="wb", fileobj=memory, mtime=EPOCH) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name, data, mode in members:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode, entry.mtime = len(data), mode, EPOCH
                archive.addfile(entry, io.BytesIO(data))
    return memory.getvalue()


def record_digest(data):
    """A digest as RECORD spells it: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


# The PEP 517 hooks. `config_settings` is theirs to pass and nothing here needs it.


def build_sdist(sdist_directory, config_settings=None):
    return write_sdist(sdist_directory, own_version()).name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    binary = Path(wheel_directory) / binary_name()
    compile_go(binary, own_version())
    wheel = write_wheel(wheel_directory, own_version(), local_tag(), binary.read_bytes(), binary.name)
    binary.unlink()
    return wheel.name


def own_version():
    """The version PKG-INFO has; a checkout, which has none, is asked to name one."""
    try:
        text = (MODULE / "PKG-INFO").read_text(encoding="utf-8")
    except FileNotFoundError:
        return os.environ.get("GREET_VERSION", "0.0.0.dev0")
    return re.search(r"^Version: (.+)$", text, re.MULTILINE).group(1)


def binary_name():
    return "greet.exe" if os.name == "nt" else "greet"


def local_tag():
    """The platform tag of a wheel that is only installed here."""
    if platform.system() == "Darwin":
        return f"macosx_12_0_{platform.machine()}"
    import sysconfig

    return re.sub(r"[-.]", "_", sysconfig.get_platform())
