// SPDX-License-Identifier: MIT
// Go's web server with more to do: go_service FILE PORT
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		var value any
		if json.NewDecoder(r.Body).Decode(&value) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(value)
	})
	http.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, r.Header.Get("X-Header-099"))
	})
	http.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, os.Args[1])
	})
	http.ListenAndServe("127.0.0.1:"+os.Args[2], nil)
}
