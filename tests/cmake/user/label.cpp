// SPDX-License-Identifier: MIT
#include <aio/shelf/label.hpp>

#include <cstdio>

int main() { std::puts(aio::store::label().c_str()); }
