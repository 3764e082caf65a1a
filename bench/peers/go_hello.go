// SPDX-License-Identifier: MIT
// Go's web server: go_hello PORT
package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "hello, world\n")
	})
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
