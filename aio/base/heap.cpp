// SPDX-License-Identifier: MIT
#include <aio/base/heap.hpp>

#include <cstdlib>

namespace aio {

// When a block that was mapped by itself is freed glibc keeps from then on up to twice its size. mallopt()
// would turn off its other adjustments.
void keep_freed_memory() {
#if defined(__GLIBC__)
    void* volatile block = std::malloc(4 * 1024 * 1024);  // volatile: or the pair is optimised away
    std::free(block);
#endif
}

}  // namespace aio
