// SPDX-License-Identifier: MIT
#include "work.hpp"

int main() { return work(); }
