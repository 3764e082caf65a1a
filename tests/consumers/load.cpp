// SPDX-License-Identifier: MIT
// Calls work() in each of the shared objects it is given, as programs do that have plugins, and its own
// before, if it was linked with one.
#include <dlfcn.h>

#include <cstdio>

extern "C" [[gnu::weak]] int work();

int main(int argc, char** argv) {
    if (work && work() != 0) return 1;
    for (int i = 1; i < argc; ++i) {
        void* const object = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        void* const loaded = object ? dlsym(object, "work") : nullptr;
        if (!loaded) {
            std::fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        if (reinterpret_cast<int (*)()>(loaded)() != 0) return 1;
    }
    return 0;
}
