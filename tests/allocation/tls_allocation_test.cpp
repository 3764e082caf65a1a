// SPDX-License-Identifier: MIT
// Memory runs out: TLS over a socket pair.
#include <allocation/operation.hpp>
#include <support/certificates.hpp>
#include <support/fd.hpp>

#include <aio/net/socket_transport.hpp>
#include <aio/ssl.hpp>
#include <aio/ssl/handshake_turns_impl.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

// Made while there is memory.
struct TlsEnds {
    TlsEnds() {
        const PrivateFolder folder;
        const std::string file = folder.write("both", issue(Wanted()).both());
        server->load_cert_chain(file);
        client = ssl::create_default_context(ssl::Purpose::SERVER_AUTH, file);
    }
    std::shared_ptr<ssl::Context> server = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    std::shared_ptr<ssl::Context> client;
};
const TlsEnds& tls_ends() {
    static const TlsEnds ends;
    return ends;
}

struct AbortAtEnd {
    Ref<Transport> transport;
    ~AbortAtEnd() { transport->abort(); }
};

Coro<> echo_a_line(Scene& scene, Socket socket) {
    try {
        const auto below =
            make_socket_transport(*scene.loop, std::move(socket), aio::detail::protocol_to_upgrade());
        const AbortAtEnd abort_at_end{below};
        co_await sleep(0s);
        StreamReader secure;
        const auto protocol = std::make_shared<StreamReaderProtocol>(secure);
        const auto options =
            StartTlsOptions().server_side(true).call_connection_made(true).ssl_handshake_timeout(1s);
        const Ref<Transport> upper = co_await start_tls(below, protocol, tls_ends().server, options);
        upper->write(co_await wait_for(secure.readline(), 1s));
        upper->close();
        while (!protocol->lost()) co_await sleep(1ms);
        if (exception_ptr_cast<std::bad_alloc>(protocol->error())) scene.told = true;
    } catch (const std::bad_alloc&) {
        scene.told = true;
    } catch (const OSError&) {  // the other end had no memory
    }
}

void have_a_conversation() {
    tls_ends();
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        SocketPair pair;
        Socket ours(std::exchange(pair.a.fd, -1));
        Socket theirs(std::exchange(pair.b.fd, -1));
        const Task<> serving = scene.loop->create_task(echo_a_line(scene, std::move(theirs)));
        bool right = false;
        std::exception_ptr no_memory;
        try {
            const auto options = ConnectOptions()
                                     .ssl(tls_ends().client)
                                     .server_hostname("localhost")
                                     .ssl_handshake_timeout(1s);
            auto streams = co_await open_connection(std::move(ours), options);
            auto& [reader, writer] = streams;
            const std::string text(30'000, 'x');
            writer.write(text + "\n");
            const std::string answer = co_await reader.readexactly(text.size() + 1);
            writer.close();
            co_await writer.wait_closed();
            right = answer.starts_with(text);
        } catch (const std::bad_alloc&) {
            no_memory = std::current_exception();
        } catch (const OSError&) {
        } catch (const IncompleteReadError&) {
        }
        while (!serving.done()) co_await sleep(1ms);
        if (no_memory) std::rethrow_exception(no_memory);
        co_return right;
    });
}

TEST(AllocationTls, Conversation) { have_a_conversation(); }

TEST(AllocationTls, ConversationWhoseHandshakesWaitForTheirTurn) {
    const auto before = std::exchange(ssl::detail::HandshakeTurns::share, std::chrono::nanoseconds::zero());
    have_a_conversation();
    ssl::detail::HandshakeTurns::share = before;
}

}  // namespace
}  // namespace aio::tests
