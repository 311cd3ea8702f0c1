// SPDX-License-Identifier: MIT
//
// What a C# server asks of the system: tasks on the thread pool, garbage of several threads, timers, faults that become
// exceptions, files, pipes, sockets of this machine, code generated at run time. The output is the same on every run.
using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.IO.Pipes;
using System.Linq;
using System.Linq.Expressions;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

static class Exercise
{
    sealed class Node
    {
        public Node? Next;
        public int Value;
        public byte[] Bytes = new byte[200];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int ValueOf(Node? node) => node!.Value; // faults when there is none

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Divide(int a, int b) => a / b;

    static long Collatz(long n)
    {
        long steps = 0;
        for (; n != 1; steps++)
            n = n % 2 == 0 ? n / 2 : 3 * n + 1;
        return steps;
    }

    static async Task Tasks()
    {
        long[] steps = await Task.WhenAll(Enumerable.Range(1, 200).Select(n => Task.Run(() => Collatz(n))));
        Console.WriteLine($"tasks: {steps.Sum()}");
        var sum = 0L;
        Parallel.For(0, 100000, i => Interlocked.Add(ref sum, i));
        Console.WriteLine($"parallel: {sum}");
        var words = new ConcurrentDictionary<int, int>();
        var threads = Enumerable.Range(0, 16).Select(n => new Thread(() =>
        {
            for (int i = 0; i < 1000; i++)
                words.AddOrUpdate(i % 10, 1, (_, old) => old + 1);
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Console.WriteLine($"threads: {string.Join(",", words.OrderBy(w => w.Key).Select(w => w.Value))}");
    }

    static void Garbage()
    {
        int before = GC.CollectionCount(0);
        Parallel.For(0, 8, worker =>
        {
            Node? kept = null;
            for (int i = 0; i < 60000; i++)
            {
                var node = new Node { Value = i };
                if (i % 100 == 0)
                {
                    node.Next = kept;
                    kept = node;
                }
            }
            int count = 0;
            for (; kept != null; kept = kept.Next)
                count++;
            if (count != 600)
                throw new InvalidOperationException($"worker {worker} kept {count}");
        });
        var weak = Enumerable.Range(0, 100).Select(_ => new WeakReference(new Node())).ToArray();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        Console.WriteLine($"garbage: {(GC.CollectionCount(0) > before ? "collected" : "kept")}, {weak.Count(w => w.IsAlive) < 10}");
    }

    static async Task Timers()
    {
        int ticks = 0;
        var enough = new TaskCompletionSource();
        using (new Timer(_ => { if (Interlocked.Increment(ref ticks) == 5) enough.TrySetResult(); }, null, 10, 10))
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var watch = Stopwatch.StartNew();
        await Task.Delay(100);
        Console.WriteLine($"timers: {watch.ElapsedMilliseconds is >= 90 and < 20000}");
        using var cancel = new CancellationTokenSource(50);
        try
        {
            await Task.Delay(Timeout.Infinite, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("timers: cancelled");
        }
    }

    static void Exceptions()
    {
        int nulls = 0, zeros = 0, nested = 0;
        for (int i = 0; i < 50; i++)
        {
            try { ValueOf(null); } catch (NullReferenceException) { nulls++; }
            try { Divide(i, 0); } catch (DivideByZeroException) { zeros++; }
            try
            {
                try { ValueOf(null); } finally { nested++; }
            }
            catch (Exception e) when (e.StackTrace!.Contains("ValueOf")) { nested++; }
        }
        Console.WriteLine($"exceptions: {nulls} {zeros} {nested}");
        int many = 0;
        Parallel.For(0, 200, _ =>
        {
            try { ValueOf(null); } catch (NullReferenceException) { Interlocked.Increment(ref many); }
        });
        Console.WriteLine($"exceptions of many threads: {many}");
    }

    static async Task Input()
    {
        string path = Path.Combine(Path.GetTempPath(), "exercise.txt");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 1000).Select(i => $"line {i}"));
        Console.WriteLine($"file: {(await File.ReadAllLinesAsync(path)).Length} {new FileInfo(path).Length}");
        File.Delete(path);

        using var server = new AnonymousPipeServerStream(PipeDirection.Out);
        using var client = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
        var reading = Task.Run(() => new StreamReader(client).ReadLine());
        using (var writer = new StreamWriter(server) { AutoFlush = true })
            writer.WriteLine("through a pipe");
        Console.WriteLine(await reading);

        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var name = new UnixDomainSocketEndPoint("/tmp/exercise.sock");
        listener.Bind(name);
        listener.Listen(8);
        var answering = Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                using var peer = await listener.AcceptAsync();
                var bytes = new byte[100];
                int n = await peer.ReceiveAsync(bytes);
                await peer.SendAsync(bytes.AsMemory(0, n));
            }
        });
        int echoed = 0;
        for (int i = 0; i < 10; i++)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(name);
            await socket.SendAsync(new byte[i + 1]);
            echoed += await socket.ReceiveAsync(new byte[100]);
        }
        await answering;
        Console.WriteLine($"sockets: {echoed}");
    }

    static void Generated()
    {
        ParameterExpression x = Expression.Parameter(typeof(int));
        Func<int, int> square = Expression.Lambda<Func<int, int>>(Expression.Multiply(x, x), x).Compile();
        Console.WriteLine($"generated: {square(12)} {JsonSerializer.Serialize(new { a = 1, b = new[] { "x", "y" } })}");
        Console.WriteLine($"runtime: {RuntimeInformation.OSArchitecture} {Environment.ProcessorCount > 0}");
    }

    static async Task<int> Main()
    {
        await Tasks();
        Garbage();
        await Timers();
        Exceptions();
        await Input();
        Generated();
        return 7;
    }
}
