// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/mode_impl.hpp>

#include <fcntl.h>
#include <string>

namespace aio::fs::detail {

Mode parse_mode(std::string_view mode) {
    const auto invalid = [mode] { return ValueError("invalid mode: '" + std::string(mode) + "'"); };
    for (std::size_t i = 0; i < mode.size(); ++i) {
        const bool known = std::string_view("rwaxbt+").find(mode[i]) != mode.npos;
        if (!known || mode.find(mode[i]) != i) throw invalid();
    }
    const auto has = [mode](char c) { return mode.find(c) != mode.npos; };
    if (has('b') && has('t')) throw ValueError("can't have text and binary mode at once");
    if (has('r') + has('w') + has('a') + has('x') != 1) {
        throw ValueError("must have exactly one of create/read/write/append mode");
    }
    Mode result;
    result.reads = has('r') || has('+');
    result.writes = !has('r') || has('+');
    result.appends = has('a');
    const int one_way = result.reads ? O_RDONLY : O_WRONLY;
    result.flags = O_CLOEXEC | (has('+') ? O_RDWR : one_way);
    if (has('w')) result.flags |= O_CREAT | O_TRUNC;
    if (has('a')) result.flags |= O_CREAT | O_APPEND;
    if (has('x')) result.flags |= O_CREAT | O_EXCL;
    return result;
}

}  // namespace aio::fs::detail
