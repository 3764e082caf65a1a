// SPDX-License-Identifier: MIT
// UDP echo server in Go: go_udp PORT   (run with GOMAXPROCS=1)
package main

import (
	"net"
	"os"
	"strconv"
)

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	connection, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		panic(err)
	}
	buffer := make([]byte, 65536)
	for {
		n, sender, err := connection.ReadFromUDPAddrPort(buffer)
		if err != nil {
			continue
		}
		connection.WriteToUDPAddrPort(buffer[:n], sender)
	}
}
