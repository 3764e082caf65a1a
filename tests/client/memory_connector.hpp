// SPDX-License-Identifier: MIT
#pragma once

#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/connect/pool_limits_impl.hpp>
#include <aio/client/connector.hpp>
#include <aio/testing/memory_pipe.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

/// Connections in memory, pooled as all are: nothing of the machine takes part, so times are exact, and any
/// URL can be asked for, whatever its scheme, host and port, because all of them are at the same place.
class MemoryConnector final : public http::BaseConnector {
public:
    /// Gets the server's end of each connection.
    using Accept = std::function<void(aio::StreamReader, StreamWriter)>;

    explicit MemoryConnector(Accept accept, const http::ConnectorOptions& options = http::ConnectorOptions(),
                             const testing::MemoryPipeOptions& way = testing::MemoryPipeOptions())
        : pool_(std::make_shared<http::detail::ConnectionPool>(http::detail::pool_limits(options))),
          maker_(std::make_shared<Maker>(std::move(accept), way, *pool_)) {}
    ~MemoryConnector() override { pool_->abandon(); }

    Coro<http::Connection> connect(http::ConnectRequest request) override {
        return http::detail::ConnectionPool::connect(pool_, maker_, std::move(request));
    }
    Coro<> close() override { return http::detail::ConnectionPool::close(pool_); }
    bool closed() const noexcept override { return pool_->closed(); }

    std::size_t lent() const noexcept { return pool_->lent(); }
    std::size_t idle() const noexcept { return pool_->idle(); }
    /// To which origins connections were made, "http://a.test".
    const std::vector<std::string>& origins() const noexcept { return maker_->origins; }

private:
    struct Maker final : http::detail::ConnectionMaker {
        using Made = std::shared_ptr<http::detail::ConnectionState>;

        Maker(Accept fn, const testing::MemoryPipeOptions& carried, http::detail::ConnectionPool& owner)
            : accept(std::move(fn)), way(carried), pool(owner) {}
        Coro<Made> make(http::ConnectRequest request) override {
            origins.push_back(request.url.origin().str());
            using PipeEnd = testing::MemoryPipe::End;
            EventLoop& loop = get_running_loop();
            const testing::MemoryPipe pipe(way);
            const Future<> made = loop.create_future<>();
            SocketTransportOptions options;
            options.on_made([made] {
                if (!made.done()) made.set_result();
            });
            const aio::StreamReader reader;
            const auto protocol = pool.make_protocol(reader);
            const Ref<Transport> transport =
                pipe.make_transport(loop, PipeEnd::first, protocol, std::move(options));
            const StreamWriter writer(*transport, protocol, reader);
            auto connection = std::make_shared<http::detail::ConnectionState>(reader, writer, protocol);
            const aio::StreamReader theirs;
            const auto their_protocol = std::make_shared<StreamReaderProtocol>(theirs);
            const Ref<Transport> there = pipe.make_transport(loop, PipeEnd::second, their_protocol);
            accept(theirs, StreamWriter(*there, their_protocol, theirs));
            co_await made;
            co_return connection;
        }

        Accept accept;
        testing::MemoryPipeOptions way;
        http::detail::ConnectionPool& pool;
        std::vector<std::string> origins;
    };

    const std::shared_ptr<http::detail::ConnectionPool> pool_;
    const std::shared_ptr<Maker> maker_;
};

}  // namespace aio::tests
