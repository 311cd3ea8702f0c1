// Goroutines, timers, garbage collection under pressure, faults that become panics, processes, files and sockets. Arguments: folder.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(98)
	}
}

func goroutines() {
	var sum int64
	var wait sync.WaitGroup
	work := make(chan int)
	for i := 0; i < 50; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for n := range work {
				atomic.AddInt64(&sum, int64(n))
				runtime.Gosched()
			}
		}()
	}
	for n := 0; n < 5000; n++ {
		work <- n
	}
	close(work)
	wait.Wait()
	fmt.Println("goroutines", sum)
	var end int32
	go func() { // no calls: only a signal can preempt it
		for i := 0; atomic.LoadInt32(&end) == 0; i++ {
			_ = i
		}
	}()
	time.Sleep(50 * time.Millisecond)
	runtime.GC()
	atomic.StoreInt32(&end, 1)
	fmt.Println("preempted")
}

func timers() {
	ticker, ticks := time.NewTicker(10*time.Millisecond), 0
	for range ticker.C {
		if ticks++; ticks == 5 {
			break
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	start := time.Now()
	time.Sleep(20 * time.Millisecond)
	fmt.Println("timers", ticks, ctx.Err(), time.Since(start) >= 20*time.Millisecond)
}

type node struct {
	left, right *node
	payload     [40]byte
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

func collection() {
	kept, total := tree(14), int64(0)
	var wait sync.WaitGroup
	for i := 0; i < 4; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for j := 0; j < 8; j++ {
				atomic.AddInt64(&total, int64(tree(11).count()))
			}
		}()
	}
	wait.Wait()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("collection", kept.count(), total, stats.NumGC > 0)
}

func recovered(what string, f func()) {
	defer func() { fmt.Println(what, recover()) }()
	f()
}

func faults() {
	var p *node
	var list []int
	zero, index := 0, 5
	recovered("pointer:", func() { fmt.Println(p.payload[3]) })
	recovered("write:", func() { p.left = nil })
	recovered("division:", func() { fmt.Println(1 / zero) })
	recovered("index:", func() { fmt.Println(list[index]) })
	recovered("type:", func() { var x interface{} = 1; fmt.Println(x.(string)) })
}

func processes(folder string) {
	out, err := exec.Command("sh", "-c", "echo from a shell; exit 0").Output()
	check(err)
	fmt.Printf("exec %q\n", out)
	err = exec.Command("sh", "-c", "exit 7").Run()
	fmt.Println("exec", err)
	cat := exec.Command("cat")
	cat.Stdin = strings.NewReader(strings.Repeat("line\n", 40000))
	out, err = cat.Output()
	check(err)
	fmt.Println("cat", len(out))
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	fmt.Println("killed", exec.CommandContext(ctx, "sleep", "30").Run())
	notes := make(chan os.Signal, 1)
	signal.Notify(notes, syscall.SIGUSR1)
	check(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	fmt.Println("signal", <-notes)
	file := filepath.Join(folder, "file")
	check(os.WriteFile(file, []byte("content"), 0o640))
	info, err := os.Stat(file)
	check(err)
	fmt.Println("file", info.Size(), info.Mode())
}

func network(folder string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	var wait sync.WaitGroup
	var bytes int64
	for i := 0; i < 10; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			c, err := net.Dial("tcp", listener.Addr().String())
			check(err)
			defer c.Close()
			for j := 0; j < 20; j++ {
				fmt.Fprintf(c, "message %d\n", j)
			}
			check(c.(*net.TCPConn).CloseWrite())
			lines := bufio.NewScanner(c)
			for lines.Scan() {
				atomic.AddInt64(&bytes, int64(len(lines.Text())))
			}
		}()
	}
	wait.Wait()
	listener.Close()
	_, err = net.DialTimeout("tcp", listener.Addr().String(), time.Second)
	fmt.Println("tcp", bytes, err != nil)
	name := filepath.Join(folder, "socket")
	local, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	check(err)
	go func() {
		c, err := local.Accept()
		check(err)
		_, _ = io.WriteString(c, "over a local socket")
		c.Close()
	}()
	c, err := net.Dial("unix", name)
	check(err)
	text, err := io.ReadAll(c)
	fmt.Printf("unix %q %v\n", text, err)
	local.Close()
}

func main() {
	runtime.GOMAXPROCS(4)
	goroutines()
	timers()
	collection()
	faults()
	processes(os.Args[1])
	network(os.Args[1])
	fmt.Println("native code:", native())
	var none map[string]int
	defer os.Exit(3)
	recovered("map:", func() { none["x"] = 1 })
}
