// SPDX-License-Identifier: MIT
#include <aio/base/version.hpp>

namespace aio {

const char* version() { return "small"; }

}  // namespace aio
