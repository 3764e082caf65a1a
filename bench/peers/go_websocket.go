// SPDX-License-Identifier: MIT
// Gorilla's WebSocket server: go_websocket PORT. At /echo messages are echoed; at /room everybody gets them, as
// messages that are prepared once.
package main

import (
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{}

func echo(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	for {
		kind, message, err := socket.ReadMessage()
		if err != nil || socket.WriteMessage(kind, message) != nil {
			return
		}
	}
}

var members = map[*websocket.Conn]bool{}
var lock sync.Mutex

func room(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	lock.Lock()
	members[socket] = true
	lock.Unlock()
	for {
		kind, message, err := socket.ReadMessage()
		lock.Lock()
		if err != nil {
			delete(members, socket)
			lock.Unlock()
			return
		}
		prepared, _ := websocket.NewPreparedMessage(kind, message)
		for member := range members {
			member.WritePreparedMessage(prepared)
		}
		lock.Unlock()
	}
}

func main() {
	http.HandleFunc("/echo", echo)
	http.HandleFunc("/room", room)
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
