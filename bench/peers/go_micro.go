// SPDX-License-Identifier: MIT
// The microbenchmarks in Go: go_micro BENCH N   (run with GOMAXPROCS=1)
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

var sink int

func usage() (cpu float64, megabytes float64) {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, float64(r.Maxrss) / 1024
}

func child(i int, result chan int) { result <- i }

func spawn(n int) {
	for i := 0; i < n; i++ {
		result := make(chan int, 1)
		go child(i, result)
		sink += <-result
	}
}

func gather(n, width int) {
	for i := 0; i < n; i += width {
		var group sync.WaitGroup
		group.Add(width)
		for j := 0; j < width; j++ {
			j := j
			go func() { sink += j; group.Done() }()
		}
		group.Wait()
	}
}

func yield(n int) {
	for i := 0; i < n; i++ {
		runtime.Gosched()
	}
}

func timer(n int) {
	for i := 0; i < n; i++ {
		time.NewTimer(10 * time.Second).Stop()
	}
}

func sleep(n int) {
	var group sync.WaitGroup
	group.Add(n)
	for i := 0; i < n; i++ {
		go func() { time.Sleep(2 * time.Second); group.Done() }()
	}
	group.Wait()
}

func main() {
	bench := os.Args[1]
	n, _ := strconv.Atoi(os.Args[2])
	start := time.Now()
	cpu0, _ := usage()
	switch bench {
	case "spawn":
		spawn(n)
	case "gather1k":
		gather(n, 1000)
	case "gather100k":
		gather(n, 100000)
	case "yield":
		yield(n)
	case "timer":
		timer(n)
	case "sleep":
		sleep(n)
	default:
		os.Exit(2)
	}
	wall := time.Since(start).Seconds()
	cpu, megabytes := usage()
	fmt.Printf("{\"bench\": \"%s\", \"n\": %d, \"ns\": %.2f, \"cpu_ns\": %.2f, \"rss_mb\": %.1f}\n",
		bench, n, wall/float64(n)*1e9, (cpu-cpu0)/float64(n)*1e9, megabytes)
}
