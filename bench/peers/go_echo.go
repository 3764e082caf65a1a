// SPDX-License-Identifier: MIT
// Echo server in Go, over TLS if there is a certificate: go_echo [CERTIFICATE] {PORT|@NAME}, a Unix socket with
// an abstract name   (run with GOMAXPROCS=1)
package main

import (
	"crypto/tls"
	"net"
	"os"
	"strings"
)

func serve(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 65536)
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err = connection.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func main() {
	network, where := "tcp", os.Args[len(os.Args)-1]
	if strings.HasPrefix(where, "@") {
		network = "unix"
	} else {
		where = "127.0.0.1:" + where
	}
	listener, err := net.Listen(network, where)
	if err != nil {
		panic(err)
	}
	if len(os.Args) > 2 {
		certificate, err := tls.LoadX509KeyPair(os.Args[1], os.Args[1])
		if err != nil {
			panic(err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go serve(connection)
	}
}
