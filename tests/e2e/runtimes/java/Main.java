// Threads, collection under pressure, faults that become exceptions, processes, files and sockets. Arguments: folder, and any
// other where the heap is small enough to be filled.
import java.io.*;
import java.net.*;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.stream.*;

public class Main {
    static int depth;
    static Object nothing = System.getenv("NOT_THERE"); // null, but not for the compiler
    static int[] hole;

    static void descend() {
        depth++;
        descend();
    }

    static void threads() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(6);
        List<Future<Long>> parts = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            final int n = i;
            parts.add(pool.submit(() -> LongStream.range(n * 1000L, (n + 1) * 1000L).map(x -> x * x % 97).sum()));
        }
        long sum = 0;
        for (Future<Long> part : parts)
            sum += part.get();
        System.out.println("pool " + sum);
        final Object monitor = new Object();
        final int[] turn = {0};
        StringBuffer order = new StringBuffer();
        Thread[] threads = new Thread[5];
        for (int i = 0; i < 5; i++) {
            final int n = i;
            threads[i] = new Thread(() -> {
                synchronized (monitor) {
                    try {
                        while (turn[0] != n)
                            monitor.wait();
                    } catch (InterruptedException e) {
                        order.append("interrupted");
                    }
                    order.append(n);
                    turn[0]++;
                    monitor.notifyAll();
                }
            });
            threads[i].start();
        }
        for (Thread t : threads)
            t.join();
        System.out.println("monitor " + order);
        Thread sleeper = new Thread(() -> {
            try {
                Thread.sleep(60000);
            } catch (InterruptedException e) {
                System.out.println("interrupted");
            }
        });
        sleeper.start();
        sleeper.interrupt();
        sleeper.join();
        ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
        CountDownLatch ticks = new CountDownLatch(3);
        timers.scheduleAtFixedRate(ticks::countDown, 5, 5, TimeUnit.MILLISECONDS);
        System.out.println("timer " + ticks.await(30, TimeUnit.SECONDS));
        timers.shutdownNow();
        pool.shutdown();
        System.out.println("stream " + IntStream.range(0, 20000).parallel().filter(x -> x % 7 == 0).count());
    }

    static void collection() throws Exception {
        Map<Integer, byte[]> kept = new ConcurrentHashMap<>();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            final int n = i;
            threads[i] = new Thread(() -> {
                for (int j = 0; j < 3000; j++)
                    kept.put(n * 100 + j % 100, new byte[4096 + j % 64]);
            });
            threads[i].start();
        }
        for (Thread t : threads)
            t.join();
        System.gc();
        System.out.println("collection " + kept.size());
    }

    static void exhaustion() {
        List<byte[]> all = new ArrayList<>();
        try {
            for (;;)
                all.add(new byte[16 << 20]);
        } catch (OutOfMemoryError e) {
            all = null;
            System.out.println("OutOfMemoryError");
        }
    }

    static String thrown(Runnable r) {
        try {
            r.run();
            return "nothing";
        } catch (Throwable t) {
            return t.getClass().getSimpleName();
        }
    }

    static void faults() throws Exception {
        Map<String, Integer> seen = new TreeMap<>();
        for (int i = 0; i < 20000; i++) { // interpreted and compiled
            seen.merge(thrown(() -> nothing.hashCode()), 1, Integer::sum);
            seen.merge(thrown(() -> hole[3]++), 1, Integer::sum);
        }
        System.out.println("null " + seen);
        System.out.println(thrown(() -> System.out.println(1 / (nothing == null ? 0 : 1))));
        for (int i = 0; i < 3; i++) {
            depth = 0;
            System.out.println(thrown(Main::descend) + " " + (depth > 1000));
        }
        Thread deep = new Thread(null, () -> System.out.println(thrown(Main::descend)), "deep", 256 << 10);
        deep.start();
        deep.join();
    }

    static void processes(Path folder) throws Exception {
        Process p = new ProcessBuilder("sh", "-c", "read l; echo got $l; echo error >&2; exit 5").redirectErrorStream(true).start();
        try (Writer w = p.outputWriter()) {
            w.write("input\n");
        }
        System.out.println(new String(p.getInputStream().readAllBytes()).replace('\n', ' ') + p.waitFor());
        Process sleep = new ProcessBuilder("sleep", "60").start();
        sleep.destroy();
        System.out.println("destroyed " + sleep.waitFor() + " " + sleep.isAlive());
        System.out.println(thrown(() -> {
            try {
                new ProcessBuilder("/nowhere").start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
        Path file = folder.resolve("file");
        Files.writeString(file, "content\n".repeat(1000));
        try (FileChannel c = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var m = c.map(FileChannel.MapMode.READ_WRITE, 0, c.size());
            m.put(0, (byte) 'C');
            m.force();
            try (var lock = c.tryLock()) {
                System.out.println("mapped " + c.size() + " " + lock.isValid());
            }
        }
        System.out.println(Files.readAllLines(file).get(0));
    }

    static void network() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread t = new Thread(() -> {
                try (Socket s = server.accept()) {
                    s.getInputStream().transferTo(s.getOutputStream());
                } catch (IOException e) {
                    System.out.println(e);
                }
            });
            t.start();
            try (Socket s = new Socket(server.getInetAddress(), server.getLocalPort())) {
                s.getOutputStream().write("over loopback".getBytes());
                s.shutdownOutput();
                System.out.println(new String(s.getInputStream().readAllBytes()));
            }
            t.join();
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        threads();
        collection();
        if (arguments.length > 1)
            exhaustion();
        faults();
        processes(Path.of(arguments[0]));
        network();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("end")));
        System.exit(4);
    }
}
