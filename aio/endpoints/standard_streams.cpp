// SPDX-License-Identifier: MIT
#include <aio/endpoints/standard_streams.hpp>
#include <aio/pipe/detail/attach_pipe.hpp>

#include <unistd.h>
#include <utility>

namespace aio {

Coro<StreamPair> open_standard_streams(std::size_t limit) {
    StreamReader reader(limit);
    auto reading = std::make_shared<StreamReaderProtocol>(reader);
    auto writing = std::make_shared<StreamReaderProtocol>(StreamReader());
    const Ref<Transport> input =
        co_await detail::attach_shared(STDIN_FILENO, std::move(reading), detail::PipeEnd::reading);
    Ref<Transport> output;
    try {
        output = co_await detail::attach_shared(STDOUT_FILENO, writing, detail::PipeEnd::writing);
        StreamWriter writer(*output, std::move(writing));
        co_return StreamPair(std::move(reader), std::move(writer));
    } catch (...) {
        input->close();
        if (output) output->close();
        throw;
    }
}

}  // namespace aio
