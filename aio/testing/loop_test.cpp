// SPDX-License-Identifier: MIT
#include <aio/testing/loop_test.hpp>

namespace aio::testing {

LoopTest::LoopTest(bool real_time)
    : clock_(std::make_shared<VirtualClock>()), runner_(RunOptions().loop_factory([this, real_time] {
          LoopOptions options;
          if (!real_time) options.clock(clock_);
          if (keep_order_) options.shuffle(0);
          EventLoopPtr loop = new_event_loop(options);
          loop->set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
              std::string line = context.message() + " [";
              for (const std::string& key : context.keys()) {
                  if (line.back() != '[') line += ", ";
                  line += key;
              }
              reports_.push_back(line + "]");
          });
          return loop;
      })) {}

LoopTest::~LoopTest() {
    try {
        runner_.close();
    } catch (...) {  // the test has failed before: its tasks do not end
    }
}

}  // namespace aio::testing
