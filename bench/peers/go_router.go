// SPDX-License-Identifier: MIT
// Look-ups among 1,000 routes of Go's own mux: go_router BENCH N   (run with GOMAXPROCS=1)
// Go 1.19 has no variables: what follows a prefix stands for one.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"
)

const routes = 1000

func usage() (cpu float64, megabytes float64) {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, float64(r.Maxrss) / 1024
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go_router BENCH N")
		os.Exit(2)
	}
	bench := os.Args[1]
	n, _ := strconv.Atoi(os.Args[2])
	behind, sent := "/items", "/items"
	if bench == "route_variable" {
		behind, sent = "/items/", "/items/12345"
	}
	mux := http.NewServeMux()
	requests := make([]*http.Request, routes)
	for i := range requests {
		before := "/api/resource" + strconv.Itoa(i)
		mux.HandleFunc(before+behind, func(http.ResponseWriter, *http.Request) {})
		requests[i] = &http.Request{Method: "GET", Host: "example.com", URL: &url.URL{Path: before + sent}}
	}
	sink, next := 0, 0
	start := time.Now()
	cpu, _ := usage()
	for i := 0; i < n; i++ {
		next = (next + 617) % routes
		_, pattern := mux.Handler(requests[next])
		sink += len(pattern)
	}
	wall := time.Since(start).Seconds()
	end, megabytes := usage()
	if sink == 0 {
		os.Exit(1)
	}
	fmt.Printf("{\"bench\": \"%s\", \"n\": %d, \"ns\": %.2f, \"cpu_ns\": %.2f, \"rss_mb\": %.1f}\n",
		bench, n, wall/float64(n)*1e9, (end-cpu)/float64(n)*1e9, megabytes)
}
