// SPDX-License-Identifier: MIT
// Go's web client, 64 requests at once: go_client URL N   (run with GOMAXPROCS=1)
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const inFlight = 64

func usage() (cpu float64, megabytes float64) {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, float64(r.Maxrss) / 1024
}

func fetchAll(client *http.Client, url string, count int64) {
	var all sync.WaitGroup
	for i := 0; i < inFlight; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for atomic.AddInt64(&count, -1) >= 0 {
				response, err := client.Get(url)
				if err != nil || response.StatusCode != 200 {
					panic("no answer")
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		}()
	}
	all.Wait()
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go_client URL N")
		os.Exit(2)
	}
	url := os.Args[1]
	n, _ := strconv.Atoi(os.Args[2])
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight, MaxConnsPerHost: inFlight}}
	fetchAll(client, url, inFlight)
	start := time.Now()
	cpu, _ := usage()
	fetchAll(client, url, int64(n))
	wall := time.Since(start).Seconds()
	end, megabytes := usage()
	fmt.Printf("{\"bench\": \"%s\", \"n\": %d, \"ns\": %.2f, \"cpu_ns\": %.2f, \"rss_mb\": %.1f}\n",
		url, n, wall/float64(n)*1e9, (end-cpu)/float64(n)*1e9, megabytes)
}
