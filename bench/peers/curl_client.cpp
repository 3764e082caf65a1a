// SPDX-License-Identifier: MIT
// libcurl's multi interface as web client, 64 requests at once: curl_client URL N
#include "../measure.hpp"

#include <curl/curl.h>
#include <vector>

namespace {

constexpr std::size_t kInFlight = 64;

std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
    measure::sink += size * count;
    return size * count;
}

class Client {
public:
    explicit Client(const std::string& url) : multi_(curl_multi_init()), easy_(kInFlight) {
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(kInFlight));
        for (CURL*& easy : easy_) {
            easy = curl_easy_init();
            curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
            curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
            curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        }
    }

    void run(std::uint64_t count) {
        std::uint64_t to_send = count, to_receive = count;
        const auto ask = [&](CURL* easy) {
            if (to_send == 0) return;
            --to_send;
            curl_multi_add_handle(multi_, easy);
        };
        for (CURL* const easy : easy_) ask(easy);
        for (;;) {
            int running, queued;
            curl_multi_perform(multi_, &running);
            bool again = false;
            while (const CURLMsg* const message = curl_multi_info_read(multi_, &queued)) {
                CURL* const easy = message->easy_handle;
                long status = 0;
                curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
                if (message->data.result != CURLE_OK || status != 200) std::abort();
                curl_multi_remove_handle(multi_, easy);
                --to_receive;
                again = again || to_send > 0;
                ask(easy);
            }
            if (to_receive == 0) return;
            if (!again) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
        }
    }

private:
    CURLM* const multi_;
    std::vector<CURL*> easy_;
};

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Client client(request.bench);
    client.run(kInFlight);  // each connection once
    const measure::Span span;
    client.run(request.count);
    span.report(request.bench, request.count);
}
