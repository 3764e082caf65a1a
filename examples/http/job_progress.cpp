// SPDX-License-Identifier: MIT
// Live progress of jobs that a server works at, as events that a page shows in a bar. With a port it serves
// there: open http://127.0.0.1:8080/, in several windows if you like, or
//
//     curl -X POST http://127.0.0.1:8080/jobs             # {"id":1}
//     curl -N http://127.0.0.1:8080/jobs/1/events
//
//     async with sse_response(request) as events:         # aiohttp_sse
//         while not job.done:
//             await events.send(json.dumps(job.state()), event="progress")
//             await job.changed.wait()
#include <aio/aio.hpp>
#include <aio/http/json.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace web = aio::web;

// Whoever watches is woken by every step, and looks then how far it is: one that is slow leaves steps out,
// and the job waits for nobody.
class Job {
public:
    static constexpr int kSteps = 20;

    aio::Coro<> work() {
        while (steps_ < kSteps) {
            co_await aio::sleep(250ms);  // what there is to do
            ++steps_;
            wake_all();
        }
    }
    int percent() const { return steps_ * 100 / kSteps; }
    bool done() const { return steps_ == kSteps || stopped_; }
    void stop() {
        stopped_ = true;
        wake_all();
    }
    aio::Coro<> wait() { co_await changed_.wait(); }

private:
    void wake_all() {
        changed_.set();
        changed_.clear();
    }
    int steps_ = 0;
    bool stopped_ = false;
    aio::Event changed_;
};

// All jobs since the server's start, and the tasks that work at them.
class Jobs {
public:
    std::size_t start() {
        jobs_.push_back(std::make_shared<Job>());
        tasks_.push_back(aio::create_task(work(jobs_.back())));
        return jobs_.size();
    }
    std::shared_ptr<Job> find(const std::string& id) const {
        const auto number = static_cast<std::size_t>(std::strtoul(id.c_str(), nullptr, 10));
        return number >= 1 && number <= jobs_.size() ? jobs_[number - 1] : nullptr;
    }
    void stop() {
        for (const auto& job : jobs_) job->stop();
        for (aio::Task<>& task : tasks_) task.cancel();
    }

private:
    static aio::Coro<> work(std::shared_ptr<Job> job) { co_await job->work(); }

    std::vector<std::shared_ptr<Job>> jobs_;
    std::vector<aio::Task<>> tasks_;
};

using SharedJobs = std::shared_ptr<Jobs>;

struct Started {
    std::size_t id = 0;
};
BOOST_DESCRIBE_STRUCT(Started, (), (id))

aio::Coro<web::Response> start(web::Request& request) {
    co_return web::json_response(Started{request.app().get<SharedJobs>()->start()}).status(202);
}

aio::Coro<web::Response> watch(web::Request& request) {
    const std::shared_ptr<Job> job = request.app().get<SharedJobs>()->find(request.match_info("id"));
    if (!job) throw web::HTTPNotFound();
    web::EventSourceResponse events;
    co_await events.prepare(request);
    while (!job->done()) {
        const std::string percent = std::to_string(job->percent());
        co_await events.send(percent, web::EventOptions().event("progress"));
        co_await job->wait();
    }
    // Else the browser would connect again.
    co_await events.send("the end", web::EventOptions().event("done"));
    co_return events;
}

aio::Coro<web::Response> page(web::Request&) {
    co_return web::Response().content_type("text/html").text(R"(<!doctype html><title>Progress</title>
<button>Start a job</button><div id="jobs"></div>
<script>
    document.querySelector("button").onclick = async () => {
        const { id } = await (await fetch("/jobs", { method: "POST" })).json();
        const bar = document.createElement("progress");
        bar.max = 100;
        document.getElementById("jobs").append(`Job ${id} `, bar, document.createElement("br"));
        const events = new EventSource(`/jobs/${id}/events`);
        events.addEventListener("progress", event => { bar.value = event.data; });
        events.addEventListener("done", () => { bar.value = 100; events.close(); });
    };
</script>
)");
}

web::Application make_app() {
    web::Application app;
    app.set(std::make_shared<Jobs>());
    app.add_get("/", page);
    app.add_post("/jobs", start);
    app.add_get("/jobs/{id:\\d+}/events", watch);
    app.on_shutdown().append([](web::Application& ending) { ending.get<SharedJobs>()->stop(); });
    return app;
}

// --- without arguments: somebody who watches a job in this program
// -------------------------------------------

aio::Coro<> demonstrate() {
    web::TestClient client(make_app());
    auto answer = co_await client.post("/jobs");
    const auto started = co_await answer.json<Started>();
    std::cout << "job " << started.id << " has begun\n";
    auto response = co_await client.get("/jobs/" + std::to_string(started.id) + "/events")
                        .timeout(aio::http::ClientTimeout());
    int events = 0;
    std::string last;
    while (auto line = co_await response.content().next_line()) {
        if (!line->starts_with("data: ")) continue;
        ++events;
        last = line->substr(6);
        if (events % 5 == 1) std::cout << last;
    }
    std::cout << events << " events; the last one: " << last;
    auto missing = co_await client.get("/jobs/7/events");
    std::cout << missing.status() << '\n';
    co_await client.close();
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(demonstrate());
    return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])));
}
