# SPDX-License-Identifier: MIT
#
# What the tests of whole programs share: an installation made of a build tree's files, root folders, and a run of a program.
import pathlib
import re
import shutil
import subprocess

BIN = {"myst", "myst-gcc"}
TARGETS = ("linux", "sgx")
TIMEOUT = 120  # seconds; of one run, on a machine that is busy with other things


def stage(files, where):
    """Puts the files of a build tree where an installation has them; the path of myst."""
    for f in map(pathlib.Path, files):
        to = where / ("bin" if f.name in BIN else "lib/mystikos")
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy2(f, to / f.name)
    return where / "bin/myst"


def libraries(program):
    """The shared objects that a dynamic program is started with, its interpreter included."""
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True)
    if said.returncode:
        return []
    return sorted(set(re.findall(r"(/\S+) \(0x", said.stdout)))


def copy_into(root, path, name=None):
    """A file of this machine, or one of another name, into a root folder, links followed."""
    to = root / str(name or path).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    if not to.exists():
        shutil.copy2(path, to)


def execute(command, **options):
    """(exit status as a shell gives it, stdout, stderr)"""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, **options)
    except subprocess.TimeoutExpired as e:
        return "no end", e.stdout or b"", (e.stderr or b"") + b"\nstill running after %d seconds\n" % TIMEOUT
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return status, done.stdout, done.stderr


def enclave_command(myst, target, image, program, options=()):
    return [str(myst), "exec-linux" if target == "linux" else "exec", *options, str(image), *program]


def make_image(myst, root, image):
    subprocess.run([str(myst), "mkcpio", str(root), str(image)], check=True, stdout=subprocess.DEVNULL)

