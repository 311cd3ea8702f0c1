# SPDX-License-Identifier: MIT
#
# Programs of this machine as tests have them: a root filesystem that grows by what each needs.
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))
from installation import copy_into, libraries  # noqa: E402


class Missing(Exception):
    pass


class Root:
    """The root filesystem while it grows; `data` is a folder that exists under the same name inside and outside."""

    def __init__(self, top):
        self.top, self.path, self.data = top, top / "root", top / "data"
        self.path.mkdir()
        (self.path / "tmp").mkdir()
        for f in ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf"):
            if os.path.exists(f):
                copy_into(self.path, f)

    def program(self, name):
        """The path of an installed program, made part of the root filesystem with its libraries."""
        found = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
        if not found:
            raise Missing(f"{name} is not installed")
        self.add(found)
        return found

    def add(self, file):
        copy_into(self.path, file)
        for l in libraries(file):
            copy_into(self.path, l)

    def tree(self, path, ignore=()):
        to = self.path / path.lstrip("/")
        if os.path.isdir(path) and not to.exists():
            shutil.copytree(path, to, symlinks=False, ignore=shutil.ignore_patterns("__pycache__", *ignore), ignore_dangling_symlinks=True)
            for f in to.rglob("*.so"):
                for l in libraries(f):
                    copy_into(self.path, l)

    def build(self, tool, *arguments, name, source, suffix, environment=None):
        """A program made here by a compiler, at the same path inside and outside."""
        if not shutil.which(tool):
            raise Missing(f"{tool} is not installed")
        text, to = self.top / (name + suffix), self.top / name
        text.write_text(source)
        command = [tool, *arguments, "-o", str(to), str(text)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.top, env={**os.environ, **(environment or {})})
        if done.returncode:
            raise Missing(f"{tool} does not build for this system: {done.stderr.strip()[-300:]}")
        self.add(to)
        return str(to)

    def make_data(self):
        """Files with fixed times, here and in the root filesystem."""
        d = self.data
        (d / "folder/deeper").mkdir(parents=True)
        (d / "text").write_text("first line\nsecond line\n")
        (d / "numbers").write_text("".join(f"{i}\n" for i in range(50000)))
        (d / "folder/script").write_text("#!/bin/sh\necho a script: $1\n")
        (d / "folder/script").chmod(0o755)
        (d / "folder/deeper/binary").write_bytes(bytes(range(256)) * 700)
        (d / "folder/deeper/private").write_text("x")
        (d / "folder/deeper/private").chmod(0o600)
        (d / "folder/link").symlink_to("../text")
        (d / "empty").write_text("")
        for p in [d, *d.rglob("*")]:
            os.utime(p, (0, 0), follow_symlinks=False)  # mkcpio keeps no times
        shutil.copytree(d, self.path / str(d).lstrip("/"), symlinks=True)
