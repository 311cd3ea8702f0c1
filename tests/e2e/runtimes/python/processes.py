# SPDX-License-Identifier: MIT
"""subprocess, os.fork, multiprocessing in its three ways, concurrent.futures with processes. Arguments: folder."""
import concurrent.futures, multiprocessing, os, signal, subprocess, sys


def square(n):
    return n * n


def child(connection, shared, lock):
    for _ in range(100):
        with lock:
            shared.value += 1
    connection.send({"got": connection.recv(), "value": [1, 2, 3]})
    connection.close()


def fail():
    sys.exit(9)


def with_method(method):
    m = multiprocessing.get_context(method)
    ours, theirs = m.Pipe()
    shared, lock = m.Value("i", 0), m.Lock()
    processes = [m.Process(target=child, args=(theirs, shared, lock))]
    processes[0].start()
    ours.send("a message " * 3000)
    answer = ours.recv()
    processes[0].join()
    p = m.Process(target=fail)
    p.start()
    p.join()
    q = m.Queue()
    feeder = m.Process(target=q.put, args=(b"x" * 200000,))
    feeder.start()
    got = len(q.get())
    feeder.join()
    print(method, len(answer["got"]), shared.value, p.exitcode, got)
    with m.Pool(3) as pool:
        print(method, "pool", pool.map(square, range(20), chunksize=3), pool.apply_async(square, (12,)).get())


def processes():
    echo = subprocess.run(["cat"], input=b"y" * 300000, capture_output=True)
    print("cat", len(echo.stdout), echo.returncode)
    print("shell", subprocess.check_output("echo $((1 + 2)); exit 0", shell=True, text=True).strip())
    first = subprocess.Popen(["seq", "1000"], stdout=subprocess.PIPE)
    second = subprocess.Popen(["wc", "-l"], stdin=first.stdout, stdout=subprocess.PIPE, text=True)
    first.stdout.close()
    print("pipeline", second.communicate()[0].strip(), first.wait())
    slow = subprocess.Popen(["sleep", "30"])
    try:
        slow.wait(timeout=0.1)
    except subprocess.TimeoutExpired:
        slow.terminate()
    print("terminated", slow.wait())
    try:
        subprocess.run(["/nowhere/program"])
    except FileNotFoundError as e:
        print("missing", e.errno)
    r, w = os.pipe()
    kept = subprocess.run(["sh", "-c", f"echo through >&{w}"], pass_fds=[w])
    print("pass_fds", kept.returncode, os.read(r, 100))
    lost = subprocess.run(["sh", "-c", f"echo through >&{w}"], stderr=subprocess.DEVNULL)
    print("closed", lost.returncode != 0)
    print("session", subprocess.run(["true"], start_new_session=True, cwd="/", env={"A": "1"}).returncode)
    pid = os.fork()
    if not pid:
        os.kill(os.getpid(), signal.SIGKILL)
    print("fork", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    print("spawn", os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 4"], {}), 0)[1]))


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    processes()
    sys.stdout.flush()
    for method in ("fork", "spawn", "forkserver"):
        with_method(method)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print("executor", list(pool.map(square, range(6))))
