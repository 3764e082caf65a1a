// SPDX-License-Identifier: MIT
#include <aio/open/checksum.hpp>

#include <cstdio>

int main() { std::printf("small %lu\n", aio::open::checksum("small")); }
