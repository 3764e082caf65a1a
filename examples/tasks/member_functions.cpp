// SPDX-License-Identifier: MIT
// Member functions as tasks, callbacks and jobs for threads. What is a bound method in Python is two
// arguments here: the member function, and the object as a pointer, or as a shared pointer that keeps it
// alive.
//
//     class Station:
//         async def measure(self, count): ...
//         def report(self, text): ...
//
//     station = Station("north")
//     loop.call_soon(station.report, "opened")
//     task = asyncio.create_task(station.measure(3))
//     task.add_done_callback(station.finished)
//     text = await asyncio.to_thread(station.summary)
#include <aio/aio.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

class Station {
public:
    explicit Station(std::string name) : name_(std::move(name)) {}
    ~Station() { std::cout << name_ << ": gone\n"; }

    void report(const std::string& text) const { std::cout << name_ << ": " << text << '\n'; }

    aio::Coro<int> measure(int count) {
        int sum = 0;
        for (int i = 1; i <= count; ++i) {
            co_await aio::sleep(100ms);
            values_.push_back(10 * i);
            sum += values_.back();
        }
        co_return sum;
    }
    void finished(const aio::Task<int>& task) const { report("sum " + std::to_string(task.result())); }
    std::string summary() const { return std::to_string(values_.size()) + " values"; }

private:
    std::string name_;
    std::vector<int> values_;
};

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();

    // By pointer: the object must outlive the calls. Here it does, because the task is awaited.
    Station north("north");
    loop.call_soon(&Station::report, &north, "opened");
    auto task = aio::create_task(&Station::measure, &north, 3);
    task.add_done_callback(&Station::finished, &north);
    co_await task;
    const std::string summary = co_await aio::to_thread(&Station::summary, &north);
    north.report(summary);

    // By shared pointer: the task keeps the object until it has ended, and nobody else has to.
    auto south = std::make_shared<Station>("south");
    auto measuring = aio::create_task(&Station::measure, std::move(south), 2);
    const int sum = co_await measuring;
    std::cout << "south measured " << sum << '\n';
}

int main() { return aio::run(amain()); }
