# SPDX-License-Identifier: MIT
"""threading, queue, concurrent.futures with threads, faults in native code, ctypes."""
import concurrent.futures, ctypes, queue, sys, threading, time

lock, total = threading.Lock(), 0


def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1


threads = [threading.Thread(target=add, args=(2000,)) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print("lock", total)

q, results = queue.Queue(maxsize=4), []


def consume():
    while (item := q.get()) is not None:
        results.append(item * item)
        q.task_done()


workers = [threading.Thread(target=consume) for _ in range(3)]
[w.start() for w in workers]
[q.put(i) for i in range(300)]
q.join()
[q.put(None) for _ in workers]
[w.join() for w in workers]
print("queue", sum(results))

barrier, event, passed = threading.Barrier(4), threading.Event(), []


def meet(n):
    event.wait()
    passed.append(barrier.wait())


threads = [threading.Thread(target=meet, args=(n,)) for n in range(4)]
[t.start() for t in threads]
event.set()
[t.join() for t in threads]
print("barrier", sorted(passed))
condition, turn, order = threading.Condition(), 0, []


def wait_for_turn(n):
    global turn
    with condition:
        condition.wait_for(lambda: turn == n)
        order.append(n)
        turn += 1
        condition.notify_all()


threads = [threading.Thread(target=wait_for_turn, args=(n,)) for n in reversed(range(10))]
[t.start() for t in threads]
[t.join() for t in threads]
print("condition", order)
print("semaphore timeout", threading.Semaphore(0).acquire(timeout=0.05), "event timeout", threading.Event().wait(0.05))
timer_ran = threading.Event()
threading.Timer(0.05, timer_ran.set).start()
print("timer", timer_ran.wait(20))
local = threading.local()
local.x = 1
seen = []
t = threading.Thread(target=lambda: seen.append(hasattr(local, "x")))
t.start()
t.join()
print("local", seen)
with concurrent.futures.ThreadPoolExecutor(5) as pool:
    print("pool", list(pool.map(lambda n: n + 1, range(10))), pool.submit(divmod, 7, 2).result())
    failed = pool.submit(lambda: 1 / 0)
    print("failed", type(failed.exception()).__name__)
libc = ctypes.CDLL(None)
libc.qsort.restype = None
numbers = (ctypes.c_int * 6)(5, 3, 9, 1, 7, 2)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
libc.qsort(numbers, 6, 4, compare)
print("ctypes", list(numbers), libc.strlen(b"twelve chars"))
sys.setswitchinterval(1e-4)
end, spun = time.monotonic() + 60, [0] * 4


def spin(n):
    while time.monotonic() < end and (spun[n] < 1000 or not all(spun)):
        spun[n] += 1


threads = [threading.Thread(target=spin, args=(n,)) for n in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print("all ran", all(spun))
try:
    (lambda f: f(f))(lambda f: f(f))
except RecursionError as e:
    print(type(e).__name__)
