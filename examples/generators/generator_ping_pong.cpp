// SPDX-License-Identifier: MIT
// Two generators take turns in one thread: the smallest scheduler there is. The event loop is this idea with
// timers and sockets.
//
//     def player(name, other):
//         for i in range(1, 4):
//             print(name, i)
//             yield
//
//     players = [player("A"), player("B")]
//     while players:
//         turn = players.pop(0)
//         ...
#include <aio/aio.hpp>

#include <deque>
#include <iostream>
#include <string>
#include <utility>

aio::Generator<int> player(std::string name, int turns) {
    for (int turn = 1; turn <= turns; ++turn) {
        std::cout << name << ' ' << turn << '\n';
        co_yield turn;
    }
}

int main() {
    // Each drives the other: whoever has played stands at the end of the queue again.
    std::deque<aio::Generator<int>> players;
    players.push_back(player("A", 3));
    players.push_back(player("B", 3));
    while (!players.empty()) {
        auto current = std::move(players.front());
        players.pop_front();
        if (current.next()) players.push_back(std::move(current));
    }
    std::cout << "game over\n";
}
