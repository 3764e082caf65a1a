// SPDX-License-Identifier: MIT
// Three ways to give a connection's handler what it works with: a member function, an object, a lambda.
//
//     class GuestBook:
//         def __init__(self):
//             self.names = []
//
//         async def serve(self, reader, writer):
//             name = (await reader.readline()).decode().strip()
//             self.names.append(name)
//             writer.write(f"guest {len(self.names)}: {name}\n".encode())
//             writer.close()
//
//     book = GuestBook()
//     server = await asyncio.start_server(book.serve, "127.0.0.1", 0)
#include <aio/aio.hpp>

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// A member function: the object is there already, and lives longer than its server.
class GuestBook {
public:
    aio::Coro<aio::Server> listen() {
        // book.serve in Python; std::bind_front is what binds the object here.
        return aio::start_server(std::bind_front(&GuestBook::serve, this), "127.0.0.1", 0);
    }
    std::size_t size() const { return names_.size(); }

private:
    aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
        std::string name = co_await reader.readline();
        name.pop_back();
        names_.push_back(name);
        writer.write("guest " + std::to_string(names_.size()) + ": " + name + '\n');
        writer.close();
    }

    std::vector<std::string> names_;
};

// A callable object: it is moved into the server, which keeps it, as do its connections. All of them call the
// same object, as a const one; what they change stands behind a pointer or is mutable.
class Greeter {
public:
    Greeter(std::string greeting, std::shared_ptr<int> served)
        : greeting_(std::move(greeting)), served_(std::move(served)) {}

    aio::Coro<> operator()(aio::StreamReader reader, aio::StreamWriter writer) const {
        const std::string name = co_await reader.readline();
        ++*served_;
        writer.write(greeting_ + ", " + name);
        writer.close();
    }

private:
    std::string greeting_;
    std::shared_ptr<int> served_;
};

aio::Coro<> ask(aio::Server server, std::string name) {
    auto connection = co_await aio::open_connection("127.0.0.1", server.sockets()[0].getsockname().port());
    auto& [reader, writer] = connection;
    writer.write(name + '\n');
    const std::string answer = co_await reader.readline();
    std::cout << answer;
    writer.close();
    server.close();
    co_await server.wait_closed();
}

aio::Coro<> amain() {
    GuestBook book;
    auto by_member = co_await book.listen();
    co_await ask(by_member, "Ada");
    std::cout << "the book has " << book.size() << " name\n";

    const auto served = std::make_shared<int>(0);
    auto by_object = co_await aio::start_server(Greeter("hello", served), "127.0.0.1", 0);
    co_await ask(by_object, "Grace");
    std::cout << "greeted " << *served << '\n';

    // A lambda is kept as a callable object is, so its captures may be used after a co_await. It is named
    // first because g++ 12 destroys twice what a lambda captures by value in an expression that awaits.
    auto handler = [served](aio::StreamReader reader, aio::StreamWriter writer) -> aio::Coro<> {
        const std::string name = co_await reader.readline();
        writer.write("you are " + std::to_string(++*served) + ", " + name);
        writer.close();
    };
    auto by_lambda = co_await aio::start_server(std::move(handler), "127.0.0.1", 0);
    co_await ask(by_lambda, "Barbara");
    std::cout << "served " << *served << '\n';
}

int main() { return aio::run(amain()); }
