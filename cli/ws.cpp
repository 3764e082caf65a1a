// SPDX-License-Identifier: MIT
// aio ws: a WebSocket as lines of standard input and output.
#include "command.hpp"
#include "session.hpp"

#include <aio/aio.hpp>
#include <aio/http.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions{
    Option{"header", 'H', "'NAME: VALUE'", "a header of the handshake; may be given several times"},
    Option{"protocol", 0, "NAME", "a subprotocol that would do; may be given several times"},
    Option{"origin", 0, "URL", "the page that asks, as a browser says it"},
    Option{"compress", 'z', "", "offers compression"},
    Option{"heartbeat", 0, "TIME", "pings in between, and gives up a peer that does not answer; 30s"},
    Option{"timeout", 0, "TIME", "for the connection and the handshake; 30s"},
    Option{"wait", 'w', "TIME", "goes on receiving for so long after the last line; 1s"},
    Option{"insecure", 'k', "", "does not check the server's certificate"},
};

constexpr std::string_view kMore =
    R"(Each line that comes in is sent as a text, each message is printed as a line; of bytes
their number. Ends when the peer closes, or some time after the end of standard input.
Exit code 0 if the end was 1000 or 1001, else 1.

  aio ws wss://echo.websocket.org
  echo hello | aio ws ws://127.0.0.1:8080/chat/Ada
)";

/// Ends some time after the last line.
Coro<> send_lines(StreamReader input, http::WebSocket socket, Duration wait) {
    while (const auto line = co_await input.next_line()) {
        std::string text = *line;
        if (text.ends_with('\n')) text.pop_back();
        co_await socket.send_str(text);
    }
    co_await sleep(wait);
}

Coro<> print_messages(StreamWriter output, http::WebSocket socket) {
    while (const auto message = co_await socket.next()) {
        if (message->type() == http::WSMsgType::error) {
            complain(message->data());
        } else if (message->type() == http::WSMsgType::binary) {
            output.write("(" + std::to_string(message->data().size()) + " bytes)\n");
        } else {
            output.write(message->data() + "\n");
        }
        co_await output.drain();
    }
}

http::WebSocketBuilder asked_for(const http::ClientSession& session, const Arguments& arguments) {
    auto builder = session.ws_connect(url_of(arguments.only_word("URL"), {"ws", "wss", "http", "https"}));
    for (std::string& name : arguments.all("protocol")) builder.protocol(std::move(name));
    if (auto origin = arguments.get("origin")) builder.origin(std::move(*origin));
    if (arguments.has("compress")) builder.compress();
    builder.heartbeat(arguments.duration("heartbeat").value_or(30s));
    return builder;
}

Coro<int> talk(const Arguments* arguments) {
    http::ClientSession session(session_options(*arguments));
    auto builder = asked_for(session, *arguments);
    auto socket = co_await wait_for(std::move(builder).send(), arguments->duration("timeout").value_or(30s));
    auto streams = co_await open_standard_streams();
    auto& [input, output] = streams;
    Task<> sending = create_task(send_lines(input, socket, arguments->duration("wait").value_or(1s)));
    Task<> printing = create_task(print_messages(output, socket));
    const std::vector<Task<>> both{sending, printing};
    co_await wait(both, FIRST_COMPLETED);
    if (!printing.done()) co_await socket.close();
    sending.cancel();
    const auto sent = co_await as_result(sending);
    co_await printing;
    const int code = socket.close_code().value_or(http::WSCloseCode::abnormal_closure);
    co_await session.close();
    // A line that cannot be sent is told of; that the peer has gone shows in the code.
    if (!sent.raised<CancelledError>() && !sent.raised<ConnectionError>()) sent.value();
    const bool good = code == http::WSCloseCode::ok || code == http::WSCloseCode::going_away;
    if (!good) complain("closed with " + std::to_string(code));
    co_return good ? 0 : 1;
}

int ws(const Arguments& arguments) { return aio::run(talk(&arguments)); }

}  // namespace

const Command kWs{"ws",  "[OPTION...] URL", "Sends lines over a WebSocket, and prints what comes",
                  kMore, kOptions,          ws};

}  // namespace aio::cli
