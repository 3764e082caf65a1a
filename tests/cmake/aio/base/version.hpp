// SPDX-License-Identifier: MIT
#pragma once

namespace aio {

const char* version();

}  // namespace aio
