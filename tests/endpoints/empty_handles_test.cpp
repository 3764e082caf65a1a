// SPDX-License-Identifier: MIT
// Handles of streams and servers that were moved from: an error that names the call.
#include <streams/streams_support.hpp>

#include <any>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using EmptyStreamHandles = StreamsTest;

template <class F>
std::string error_of(F&& call) {
    return thrown<RuntimeError>(std::forward<F>(call));
}

TEST_F(EmptyStreamHandles, OfReaders) {
    StreamReader moved;
    const StreamReader taken = std::move(moved);
    const auto text = [](const std::string& call) {
        return "StreamReader." + call + "() on an empty handle";
    };
    char memory[1];
    // NOLINTBEGIN(bugprone-use-after-move)
    EXPECT_EQ(error_of([&] { (void)moved.read(1); }), text("read"));
    EXPECT_EQ(error_of([&] { (void)moved.readexactly(1); }), text("readexactly"));
    EXPECT_EQ(error_of([&] { (void)moved.readline(); }), text("readline"));
    EXPECT_EQ(error_of([&] { (void)moved.next_line(); }), text("next_line"));
    EXPECT_EQ(error_of([&] { (void)moved.readuntil("x"); }), text("readuntil"));
    EXPECT_EQ(error_of([&] { (void)moved.readuntil(std::vector<std::string>{"x"}); }), text("readuntil"));
    EXPECT_EQ(error_of([&] { (void)moved.read_into(std::span<char>(memory)); }), text("read_into"));
    EXPECT_EQ(error_of([&] { (void)moved.read_view(); }), text("read_view"));
    EXPECT_EQ(error_of([&] { (void)moved.next_chunk(); }), text("next_chunk"));
    EXPECT_EQ(error_of([&] { (void)moved.fill(); }), text("fill"));
    EXPECT_EQ(error_of([&] { moved.consume(1); }), text("consume"));
    EXPECT_EQ(error_of([&] { moved.at_eof(); }), text("at_eof"));
    EXPECT_EQ(error_of([&] { moved.buffered(); }), text("buffered"));
    EXPECT_EQ(error_of([&] { moved.limit(); }), text("limit"));
    EXPECT_EQ(error_of([&] { moved.feed_data("x"); }), text("feed_data"));
    EXPECT_EQ(error_of([&] { moved.feed_eof(); }), text("feed_eof"));
    EXPECT_EQ(error_of([&] { moved.exception(); }), text("exception"));
    EXPECT_EQ(error_of([&] { moved.set_exception(ValueError("x")); }), text("set_exception"));
    run([&]() -> Coro<> {
        EXPECT_EQ(error_of([&] { StreamReaderProtocol protocol(moved); }),
                  "StreamReaderProtocol() on an empty handle");
        auto [r, w] = co_await connect();
        EXPECT_EQ(error_of([&] { moved.set_transport(w.transport()); }), text("set_transport"));
        auto protocol = std::make_shared<StreamReaderProtocol>(taken);
        EXPECT_EQ(error_of([&] { StreamWriter writer(w.transport(), protocol, moved); }),
                  "StreamWriter() on an empty handle");
        w.close();
    });
    // NOLINTEND(bugprone-use-after-move)
}

TEST_F(EmptyStreamHandles, OfWriters) {
    run([&]() -> Coro<> {
        auto [r, moved] = co_await connect();
        const StreamWriter taken = std::move(moved);
        const auto text = [](const std::string& call) {
            return "StreamWriter." + call + "() on an empty handle";
        };
        // NOLINTBEGIN(bugprone-use-after-move)
        EXPECT_EQ(error_of([&] { moved.write("x"); }), text("write"));
        EXPECT_EQ(error_of([&] { moved.write(std::string("x")); }), text("write"));
        EXPECT_EQ(error_of([&] { moved.write("x", std::make_shared<int>()); }), text("write"));
        EXPECT_EQ(error_of([&] { moved.writelines(std::vector<std::string>{"x"}); }), text("writelines"));
        EXPECT_EQ(error_of([&] { (void)moved.drain(); }), text("drain"));
        EXPECT_EQ(error_of([&] { moved.write_eof(); }), text("write_eof"));
        EXPECT_EQ(error_of([&] { moved.can_write_eof(); }), text("can_write_eof"));
        EXPECT_EQ(error_of([&] { moved.close(); }), text("close"));
        EXPECT_EQ(error_of([&] { moved.is_closing(); }), text("is_closing"));
        EXPECT_EQ(error_of([&] { (void)moved.wait_closed(); }), text("wait_closed"));
        EXPECT_EQ(error_of([&] { moved.get_extra_info("socket"); }), text("get_extra_info"));
        EXPECT_EQ(error_of([&] { moved.get_extra_info("socket", 1); }), text("get_extra_info"));
        EXPECT_EQ(error_of([&] { moved.transport(); }), text("transport"));
        EXPECT_EQ(error_of([&] { (void)moved.start_tls(nullptr); }), text("start_tls"));
        // NOLINTEND(bugprone-use-after-move)
        taken.close();
        co_await taken.wait_closed();
    });
}

TEST_F(EmptyStreamHandles, OfServers) {
    run([&]() -> Coro<> {
        auto ignore = [](StreamReader, StreamWriter) {};
        Server moved = co_await start_server(ignore, "127.0.0.1", 0);
        const Server taken = std::move(moved);
        const auto text = [](const std::string& call) { return "Server." + call + "() on an empty handle"; };
        // NOLINTBEGIN(bugprone-use-after-move)
        EXPECT_EQ(error_of([&] { moved.close(); }), text("close"));
        EXPECT_EQ(error_of([&] { moved.close_clients(); }), text("close_clients"));
        EXPECT_EQ(error_of([&] { moved.abort_clients(); }), text("abort_clients"));
        EXPECT_EQ(error_of([&] { (void)moved.wait_closed(); }), text("wait_closed"));
        EXPECT_EQ(error_of([&] { (void)moved.start_serving(); }), text("start_serving"));
        EXPECT_EQ(error_of([&] { (void)moved.serve_forever(); }), text("serve_forever"));
        EXPECT_EQ(error_of([&] { moved.is_serving(); }), text("is_serving"));
        EXPECT_EQ(error_of([&] { moved.sockets(); }), text("sockets"));
        EXPECT_EQ(error_of([&] { moved.get_loop(); }), text("get_loop"));
        EXPECT_EQ(error_of([&] { (void)moved.aenter(); }), text("aenter"));
        EXPECT_EQ(error_of([&] { (void)moved.aexit(); }), text("aexit"));
        EXPECT_EQ(moved.repr(), "<Server empty>");
        // NOLINTEND(bugprone-use-after-move)
        taken.close();
        co_await taken.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
