// SPDX-License-Identifier: MIT
#pragma once

/// Uses aio; says "all done" and returns 0 if that went well.
extern "C" [[gnu::visibility("default")]] int work();
