# SPDX-License-Identifier: MIT
#
# What each runtime needs in its root filesystem, and the commands that are compared: (name, words[, environment[, memory]]).
# A recipe raises Missing when the runtime is not on this machine.
import os
import pathlib
import re
import shutil
import subprocess

from installation import copy_into
from machine import Missing

SHELL_TOOLS = """cat cp cut date diff expr fold grep head ls mkdir mkfifo mv nl od paste printf rm sed seq sh sleep sort stat tac tail tee
timeout touch tr true false uniq wc xargs yes""".split()


def programs(bench, *names):
    """Those must be there."""
    return [bench.root.program(n) for n in names]


def optional(bench, *names):
    for n in names:
        try:
            bench.root.program(n)
        except Missing:
            pass


def shell_tools(bench):
    copy_into(bench.root.path, os.path.realpath("/bin/sh"), "/bin/sh")
    bench.root.add(os.path.realpath("/bin/sh"))
    programs(bench, *SHELL_TOOLS)


def shells(bench):
    shell_tools(bench)
    commands = []
    for name, words in {"bash": ["bash"], "dash": ["dash"], "busybox": ["busybox", "sh"]}.items():
        try:
            program = bench.root.program(words[0])
        except Missing as reason:
            print(f"skipped: {reason}")
            continue
        commands.append((name, [program, *words[1:], bench.sources / "common.sh", bench.work]))
        if name == "bash":
            commands.append(("bash-own", [program, bench.sources / "bash.sh", bench.work]))
    if not commands:
        raise Missing("no shell is installed")
    return commands


def gcc_file(name):
    """Where gcc finds one of its parts."""
    path = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
    return os.path.realpath(path) if os.path.isabs(path) else None


def make(bench):
    shell_tools(bench)
    programs(bench, "echo", "make", "gcc", "cc", "as", "ld", "ar")
    named = subprocess.run(["gcc", "-print-libgcc-file-name"], capture_output=True, text=True).stdout.strip()
    library = pathlib.Path(named).resolve().parent
    for part in ("cc1", "collect2", "lto-wrapper", "liblto_plugin.so", "libgcc.a", "libgcc_s.so", "crtbeginS.o", "crtendS.o",
                 "crtbegin.o", "crtend.o"):
        if (library / part).exists():
            bench.root.add(str(library / part))
    bench.root.tree(str(library / "include"))
    for part in ("Scrt1.o", "crt1.o", "crti.o", "crtn.o", "libc.so", "libm.so", "libc_nonshared.a", "libc.so.6", "libm.so.6",
                 "libmvec.so.1", "libgcc_s.so.1", "ld-linux-x86-64.so.2"):
        found = subprocess.run(["gcc", f"-print-file-name={part}"], capture_output=True, text=True).stdout.strip()
        if os.path.isabs(found):
            copy_into(bench.root.path, os.path.realpath(found), os.path.normpath(found))
    for text in ("libc.so", "libm.so"): # linker scripts that name others
        path = gcc_file(text)
        for other in re.findall(r"/\S+", pathlib.Path(path).read_text(errors="replace")) if path else ():
            if os.path.isfile(other):
                copy_into(bench.root.path, other)
    copy_into(bench.root.path, "/lib64/ld-linux-x86-64.so.2")
    for headers in ("stdio.h", "stdlib.h", "string.h", "math.h", "features.h", "stdc-predef.h", "features-time64.h", "alloca.h",
                    "strings.h", "endian.h"):
        if os.path.exists("/usr/include/" + headers):
            copy_into(bench.root.path, "/usr/include/" + headers)
    for folder in ("/usr/include/x86_64-linux-gnu/bits", "/usr/include/x86_64-linux-gnu/sys", "/usr/include/x86_64-linux-gnu/gnu"):
        bench.root.tree(folder)
    return [("make", [bench.root.program("bash"), bench.sources / "build.sh", bench.work, bench.sources])]


def python(bench):
    shell_tools(bench)
    program = os.path.realpath(bench.root.program("python3"))
    bench.root.add(program)
    bench.root.tree("/usr/lib/" + os.path.basename(program), ("test", "config-*", "ensurepip", "lib2to3", "idlelib", "*.pyc"))
    return [(name, [program, "-I", "-S", "-B", bench.sources / f"{name}.py", bench.work]) for name in ("threads", "processes", "events")]


def go(bench):
    shell_tools(bench)
    if not shutil.which("go"):
        raise Missing("go is not installed")
    commands = []
    for name, cgo in (("static", "0"), ("cgo", "1")):
        to = bench.sources.parent / ("go-" + name)
        environment = {**os.environ, "GOCACHE": str(bench.sources.parent / "cache"), "CGO_ENABLED": cgo, "GO111MODULE": "off",
                       "GOFLAGS": "-p=2"}
        files = sorted(str(f) for f in bench.sources.glob("*.go") if f.name != ("native_cgo.go" if cgo == "0" else "native_none.go"))
        done = subprocess.run(["go", "build", "-o", str(to), *files], capture_output=True, text=True, env=environment)
        if done.returncode:
            raise Missing(f"go does not build for this system: {done.stderr[-300:]}")
        bench.root.add(str(to))
        commands.append((name, [to, bench.work]))
    return commands


def java_home():
    java = shutil.which("java", path="/usr/bin:/bin")
    if not java:
        raise Missing("java is not installed")
    return pathlib.Path(os.path.realpath(java)).parent.parent


def java(bench):
    shell_tools(bench)
    home = java_home()
    for part in ("lib", "conf", "bin/java"):
        at = home / part
        bench.root.add(str(at)) if at.is_file() else bench.root.tree(str(at), ("src.zip", "ct.sym", "*.jsa", "*.a"))
    if shutil.which("javac"):
        done = subprocess.run(["javac", "-d", str(bench.sources / "classes"), str(bench.sources / "Main.java")],
                              capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"javac does not build: {done.stderr[-300:]}")
    else:
        raise Missing("javac is not installed")
    shutil.copytree(bench.sources / "classes", bench.root.path / str(bench.sources / "classes").lstrip("/"))
    words = [home / "bin/java", "-Xmx160m", "-cp", bench.sources / "classes"]
    small = ["Main", bench.work, "small"]
    plain = [home / "bin/java", "-cp", bench.sources / "classes", "Main", bench.work]
    collectors = ("g1", "G1"), ("serial", "Serial"), ("parallel", "Parallel")
    return [*((name, [*words, f"-XX:+Use{collector}GC", *small]) for name, collector in collectors),
            ("default", plain, {}, "1g")]


def node(bench):
    shell_tools(bench)
    return [("node", [*programs(bench, "node"), bench.sources / "main.js", bench.work])]


def perl(bench):
    shell_tools(bench)
    program = bench.root.program("perl")
    for path in subprocess.run([program, "-e", 'print join "\\n", @INC'], capture_output=True, text=True).stdout.split():
        if path.startswith(("/usr/lib", "/usr/share/perl/")):
            bench.root.tree(path)
    return [("perl", [program, bench.sources / "main.pl", bench.work])]


def tools(bench):
    shell_tools(bench)
    shell = bench.root.program("bash")
    programs(bench, *("echo basename uname awk find gzip gunzip zcat tar split join md5sum comm cmp dd rev install cp flock nohup nice env "
                      "printenv ln comm").split())
    optional(bench, "openssl", "sqlite3", "ssh-keygen", "curl")
    for f in ("/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf"):
        if os.path.exists(f):
            copy_into(bench.root.path, f)
    commands = [(name, [shell, bench.sources / f"{name}.sh", bench.work]) for name in ("text", "data")]
    if shutil.which("git", path="/usr/bin:/bin"):
        programs(bench, "git", "git-upload-pack")
        bench.root.tree("/usr/lib/git-core", ("*http*", "git-remote-*", "*imap*", "mergetools", "*daemon*"))
        bench.root.tree("/usr/share/git-core/templates")
        commands.append(("git", [shell, bench.sources / "git.sh", bench.work]))
    return commands


RECIPES = {"shell": shells, "make": make, "python": python, "go": go, "java": java, "node": node, "perl": perl, "tools": tools}
