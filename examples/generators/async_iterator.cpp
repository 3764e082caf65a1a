// SPDX-License-Identifier: MIT
// An asynchronous iterator: a class whose next() may wait, and gives nothing at the end.
//
//     class Reader:
//         async def readline(self): ...
//         def __aiter__(self): return self
//         async def __anext__(self):
//             value = await self.readline()
//             if value is None: raise StopAsyncIteration
//             return value
//
//     async for value in Reader(): print(value)
#include <aio/aio.hpp>

#include <iostream>
#include <optional>
#include <vector>

using namespace std::chrono_literals;

class Reader {
public:
    aio::Coro<std::optional<int>> next() {
        co_await aio::sleep(0s);
        if (++count_ == 100) co_return std::nullopt;  // where Python raises StopAsyncIteration
        co_return count_;
    }

private:
    int count_ = 0;
};

aio::Coro<> amain() {
    Reader reader;
    while (auto value = co_await reader.next()) std::cout << *value << (*value % 11 == 0 ? '\n' : ' ');

    // [value async for value in Reader()]
    const std::vector<int> all = co_await aio::collect(Reader());
    std::cout << all.size() << " values\n";
}

int main() { return aio::run(amain()); }
