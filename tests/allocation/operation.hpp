// SPDX-License-Identifier: MIT
#pragma once

#include <allocation/scene.hpp>

namespace aio::tests {

/// What strings do not hold in themselves.
inline std::string long_text() { return "a text that is longer than what a string holds in itself"; }

inline Coro<std::string> gives(Duration after = 0s) {
    const Counted counted;
    co_await sleep(after);
    co_return long_text();
}
inline Coro<> fails() {
    const Counted counted;
    co_await sleep(0s);
    throw ValueError(long_text());
}

/// out_of_memory() of a coroutine, which gives whether it has done everything that it should.
template <class F>
void out_of_memory_in(F body) {
    out_of_memory([body](Scene& scene) { scene.complete = scene.run(body, std::ref(scene)); });
}

}  // namespace aio::tests
