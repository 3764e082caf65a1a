// SPDX-License-Identifier: MIT
// Server of Redis commands in Go, a write for each: go_pipeline PORT   (run with GOMAXPROCS=1)
package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
)

var mutex sync.Mutex
var values = map[string][]byte{}

// The number behind a letter, to the end of the line.
func number(reader *bufio.Reader) (int, error) {
	line, err := reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(line[1 : len(line)-2]))
}

func execute(words [][]byte, reply []byte) []byte {
	mutex.Lock()
	defer mutex.Unlock()
	switch {
	case string(words[0]) == "SET" && len(words) == 3:
		values[string(words[1])] = words[2]
		return append(reply, "+OK\r\n"...)
	case string(words[0]) == "GET" && len(words) == 2:
		value, found := values[string(words[1])]
		if !found {
			return append(reply, "$-1\r\n"...)
		}
		reply = append(strconv.AppendInt(append(reply, '$'), int64(len(value)), 10), "\r\n"...)
		return append(append(reply, value...), "\r\n"...)
	case string(words[0]) == "PING":
		return append(reply, "+PONG\r\n"...)
	}
	return append(reply, "*0\r\n"...)
}

func serve(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 65536)
	reply := make([]byte, 0, 256)
	words := make([][]byte, 0, 4)
	for {
		count, err := number(reader)
		if err != nil {
			return
		}
		words = words[:0]
		for i := 0; i < count; i++ {
			size, err := number(reader)
			if err != nil {
				return
			}
			word := make([]byte, size+2)
			if _, err = io.ReadFull(reader, word); err != nil {
				return
			}
			words = append(words, word[:size])
		}
		reply = execute(words, reply[:0])
		if _, err = connection.Write(reply); err != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go serve(connection)
	}
}
