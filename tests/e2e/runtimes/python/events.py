# SPDX-License-Identifier: MIT
"""signal, asyncio with sockets and processes, selectors, sqlite3, mmap, faulthandler. Arguments: folder."""
import asyncio, faulthandler, mmap, os, selectors, signal, socket, sqlite3, subprocess, sys, tempfile, threading, time

os.chdir(sys.argv[1])
came = []
signal.signal(signal.SIGALRM, lambda n, frame: came.append(signal.Signals(n).name))
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)  # again, should it come before the pause
signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0)
print("alarm", came[:1])
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
os.kill(os.getpid(), signal.SIGUSR1)
print("pending", signal.sigpending() == {signal.SIGUSR1}, signal.sigwait({signal.SIGUSR1}).name)
print("timed", signal.sigtimedwait({signal.SIGUSR1}, 0.02))
r, w = socket.socketpair()
w.setblocking(False)
signal.set_wakeup_fd(w.fileno())
signal.signal(signal.SIGUSR2, lambda *a: None)
threading.Thread(target=lambda: (time.sleep(0.05), os.kill(os.getpid(), signal.SIGUSR2))).start()
print("wakeup", r.recv(1) == bytes([signal.SIGUSR2]))
signal.set_wakeup_fd(-1)


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def ask(port, n):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for i in range(5):
        writer.write(f"message {n} {i}\n".encode())
        answers.append((await reader.readline()).decode().strip())
    writer.close()
    await writer.wait_closed()
    return answers[-1]


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print("server", await asyncio.gather(*(ask(port, n) for n in range(6))))
    server.close()
    await server.wait_closed()
    p = await asyncio.create_subprocess_exec("sh", "-c", "read l; echo got $l; exit 5", stdin=-1, stdout=-1)
    print("process", await p.communicate(b"input\n"), p.returncode)
    try:
        await asyncio.wait_for(asyncio.sleep(30), 0.05)
    except asyncio.TimeoutError:
        print("timeout")
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, stopped.set)
    os.kill(os.getpid(), signal.SIGHUP)
    await stopped.wait()
    print("signal", await loop.run_in_executor(None, sum, range(1000)))
    q = asyncio.Queue(2)

    async def produce():
        for i in range(10):
            await q.put(i)
        await q.put(None)
    task, got = asyncio.create_task(produce()), []
    while (item := await q.get()) is not None:
        got.append(item)
    await task
    print("queue", got)


asyncio.run(main())
db = sqlite3.connect("data.db")
db.execute("pragma journal_mode=wal").fetchone()
db.execute("create table t(a integer primary key, b text)")
with db:
    db.executemany("insert into t(b) values (?)", [(f"row {i}",) for i in range(2000)])
other = sqlite3.connect("data.db")
print("sqlite", other.execute("select count(*), max(b) from t where b like 'row 1%'").fetchone(), os.path.exists("data.db-wal"))
other.close()
db.close()
with tempfile.TemporaryFile(dir=".") as f:
    f.truncate(1 << 20)
    m = mmap.mmap(f.fileno(), 0)
    m[5000:5004] = b"text"
    m.flush()
    f.seek(5000)
    print("mmap", f.read(4), m.find(b"text"))
    m.close()
s = selectors.DefaultSelector()
a, b = socket.socketpair()
s.register(a, selectors.EVENT_READ, "a")
b.send(b"!")
print("selector", type(s).__name__, [(k.data, e) for k, e in s.select(10)], s.select(0) != [])
udp, to = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
udp.bind(("127.0.0.1", 0))
to.sendto(b"datagram", udp.getsockname())
print("udp", udp.recvfrom(100)[0])
crash = subprocess.run([sys.executable, "-I", "-X", "faulthandler", "-c", "import ctypes; ctypes.string_at(0)"],
                       capture_output=True, text=True)
print("fault", crash.returncode, crash.stderr.splitlines()[0])
with open("trace", "w+") as trace:
    faulthandler.dump_traceback_later(0.05, file=trace)
    end = time.monotonic() + 60
    while not os.path.getsize("trace") and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.05)
    faulthandler.cancel_dump_traceback_later()
    trace.seek(0)
    print("traceback", "most recent call first" in trace.read())
raise SystemExit(7)
