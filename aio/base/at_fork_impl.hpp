// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>

namespace aio::detail {

/// What is to be done around fork(): a namespace-scope object of a .cpp file, with its place in
/// `[[gnu::init_priority()]]`.
///
/// Made before main(), and what it locks is there from the beginning: pthread_atfork() waits for a fork()
/// that is under way, and a thread that waited so inside the first use of a local static would be in the
/// middle of it for ever in the child. The places: what is locked last comes first, so that nobody who has a
/// lock waits for an earlier one: 60001 the pool of blocks, 60002 the list of thread pools, 60003 the log,
/// whose handlers are user code, 60004 the loops, 60005 the modes of others' terminals.
struct AtFork {
    // Inlined, so that the handlers belong to the object they lie in, and go with a plug-in that has a copy.
    [[gnu::always_inline]] AtFork(void (*prepare)(), void (*parent)(), void (*child)()) noexcept {
        ::pthread_atfork(prepare, parent, child);
    }
};

/// A variable that is there before any code runs, if it is `constinit`, and until the process is gone.
template <class T>
union Immortal {
    constexpr Immortal() : value() {}
    constexpr ~Immortal() {}
    Immortal(const Immortal&) = delete;
    Immortal& operator=(const Immortal&) = delete;
    T value;
};

}  // namespace aio::detail
