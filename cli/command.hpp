// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"

#include <span>
#include <string_view>

/// The commands of `aio`. Each gives the exit code: 0 if all went well, 1 if something did not, of which
/// standard error tells.
namespace aio::cli {

struct Command {
    std::string_view name;
    std::string_view synopsis;  ///< behind the name
    std::string_view summary;
    std::string_view more;  ///< what the help says behind the options: examples
    std::span<const Option> options;
    int (*run)(const Arguments& arguments);
};

extern const Command kGet;
extern const Command kServe;
extern const Command kBench;
extern const Command kWs;

/// "aio: ..." on standard error.
void complain(std::string_view text);

}  // namespace aio::cli
