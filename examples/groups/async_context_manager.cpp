// SPDX-License-Identifier: MIT
// A scope that connects and disconnects, also when its body fails. Destructors cannot wait, so async_with()
// awaits aenter() before the body and aexit() behind it.
//
//     class Connection:
//         async def __aenter__(self): await self.connect(); return self
//         async def __aexit__(self, *args): await self.disconnect()
//
//     async with Connection("db") as connection: await connection.query(...)
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

class Connection {
public:
    explicit Connection(std::string host) : host_(std::move(host)) {}

    aio::Coro<Connection&> aenter() {
        co_await aio::sleep(10ms);
        std::cout << "connected to " << host_ << '\n';
        co_return *this;
    }
    aio::Coro<> aexit() {
        co_await aio::sleep(10ms);
        std::cout << "disconnected from " << host_ << '\n';
    }
    aio::Coro<int> query(int value) {
        co_await aio::sleep(10ms);
        if (value < 0) throw aio::ValueError("bad query");
        co_return value* value;
    }

private:
    std::string host_;
};

aio::Coro<> work(Connection& connection, int value) {
    const int answer = co_await connection.query(value);
    std::cout << "answer " << answer << '\n';
}

// The same scope as a generator: what stands before the co_yield enters, what stands behind it leaves.
aio::AsyncGenerator<std::string> session(std::string user) {
    std::cout << "login " << user << '\n';
    std::exception_ptr error;
    try {
        co_yield "session of " + user;
    } catch (...) {
        error = std::current_exception();  // a catch block cannot await
    }
    co_await aio::sleep(10ms);
    std::cout << "logout " << user << '\n';
    if (error) std::rethrow_exception(error);
}

aio::Coro<> use(std::string& session) {
    std::cout << session << '\n';
    co_return;
}

aio::Coro<> amain() {
    co_await aio::async_with(Connection("a"), work, 7);
    try {
        co_await aio::async_with(Connection("b"), work, -1);
    } catch (const aio::ValueError& e) {
        std::cout << "error: " << e.what() << '\n';
    }
    co_await aio::async_with(aio::asynccontextmanager(session, "eve"), use);
}

int main() { return aio::run(amain()); }
