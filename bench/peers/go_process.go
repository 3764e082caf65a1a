// SPDX-License-Identifier: MIT
// Child processes in Go: go_process spawn_true N   (run with GOMAXPROCS=1); see process_bench.cpp
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func usage() (cpu float64, megabytes float64) {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, float64(r.Maxrss) / 1024
}

func spawnTrue(n int) {
	for i := 0; i < n; i++ {
		if err := exec.Command("true").Run(); err != nil {
			panic(err)
		}
	}
}

func main() {
	bench := os.Args[1]
	n, _ := strconv.Atoi(os.Args[2])
	if bench != "spawn_true" {
		os.Exit(2)
	}
	resident := bytes.Repeat([]byte("x"), 1<<30)
	start := time.Now()
	cpu0, _ := usage()
	spawnTrue(n)
	wall := time.Since(start).Seconds()
	cpu, megabytes := usage()
	runtime.KeepAlive(resident)
	fmt.Printf("{\"bench\": \"%s\", \"n\": %d, \"ns\": %.2f, \"cpu_ns\": %.2f, \"rss_mb\": %.1f}\n",
		bench, n, wall/float64(n)*1e9, (cpu-cpu0)/float64(n)*1e9, megabytes)
}
