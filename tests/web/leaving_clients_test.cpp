// SPDX-License-Identifier: MIT
// Clients that leave while they are answered are no errors of the server's.
#include "support/temporary_folder.hpp"
#include "web/web_test.hpp"

#include <aio/endpoints.hpp>
#include <aio/web/test_utils.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

struct LeavingClientsTest : ::testing::Test, testing::LoopTest {
    LeavingClientsTest() : LoopTest(true) {}
};

// The reset is there when the head of the answer has gone, and sendfile() is the first to hear of it.
TEST_F(LeavingClientsTest, AFileForNobodyIsNotReported) {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/a";
    std::ofstream(path) << "content";
    run([&]() -> Coro<> {
        web::Application app;
        int asked = 0;
        app.add_get("/", [&](web::Request&) -> Coro<web::Response> {
            ++asked;
            co_return web::FileResponse(path);
        });
        const web::TestServer server(app);
        co_await server.start_server();
        for (int i = 0; i < 20; ++i) {
            auto streams = co_await open_connection("127.0.0.1", server.port());
            streams.second.write(kGet);
            streams.second.close();
        }
        while (asked < 20 || server.runner().server().connections() > 0) co_await sleep(1ms);
        co_await server.close();
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

}  // namespace
}  // namespace aio::tests
