// SPDX-License-Identifier: MIT
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>

#include <algorithm>

namespace aio {
namespace {

using Errors = std::vector<std::exception_ptr>;

std::string plural(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::exception_ptr cause_of(const std::exception_ptr& error) {
    const auto* nested = exception_ptr_cast<std::nested_exception>(error);
    return nested ? nested->nested_ptr() : nullptr;
}

// The lines of Python's traceback module, with its limits.
class ExceptionWriter {
public:
    void write(const std::exception_ptr& error) {
        causes(error);
        const auto* group = exception_ptr_cast<BaseExceptionGroup>(error);
        if (group) {
            write_group(describe(error), traceback(error), group->exceptions());
        } else {
            frames(traceback(error), "Traceback", '|');
            text(describe(error));
        }
    }
    void write_group(const std::string& title, const std::vector<FrameSummary>& way, const Errors& errors) {
        if (depth_ > kDeepest) {
            text("... (max_group_depth is " + std::to_string(kDeepest) + ")");
            return;
        }
        const bool outermost = depth_ == 0;
        if (outermost) depth_ = 1;
        frames(way, "Exception Group Traceback", outermost ? '+' : '|');
        text(title);
        members(errors);
        if (outermost) depth_ = 0;
    }
    void causes_of(const std::nested_exception& error) {
        if (const std::exception_ptr cause = error.nested_ptr()) {
            write(cause);
            text(kLed);
        }
    }
    std::string take() {
        out_.pop_back();  // the line feed
        return std::move(out_);
    }

private:
    static constexpr std::size_t kWidest = 15;
    static constexpr std::size_t kDeepest = 10;
    static constexpr std::size_t kMostCauses = 100;  // an exception may have been made its own cause
    static constexpr const char* kLed =
        "\nThe above exception was the direct cause of the following exception:\n";

    void text(const std::string& lines, char margin = '|') {
        const std::string indent(2 * depth_, ' ');
        for (std::size_t begin = 0; begin <= lines.size();) {
            const std::size_t end = std::min(lines.find('\n', begin), lines.size());
            if (depth_ > 0) out_ += indent + margin + (end > begin ? " " : "");
            out_ += lines.substr(begin, end - begin) + "\n";
            begin = end + 1;
        }
    }

    // Innermost first. Not by recursion: there may be a hundred.
    void causes(const std::exception_ptr& error) {
        Errors chain;
        for (std::exception_ptr cause = cause_of(error); cause; cause = cause_of(cause)) {
            if (++causes_ > kMostCauses) {
                text(std::string("...\n") + kLed);
                break;
            }
            chain.push_back(cause);
            if (exception_ptr_cast<BaseExceptionGroup>(cause)) break;  // write() goes on with its causes
        }
        for (; !chain.empty(); chain.pop_back()) {
            const std::exception_ptr& cause = chain.back();
            if (exception_ptr_cast<BaseExceptionGroup>(cause)) {
                write(cause);
            } else {
                frames(traceback(cause), "Traceback", '|');
                text(describe(cause));
            }
            text(kLed);
        }
    }

    void frames(const std::vector<FrameSummary>& way, const std::string& title, char margin) {
        constexpr std::size_t kMostAlike = 3;
        if (way.empty()) return;
        text(title + " (most recent call last):", margin);
        std::string before;
        std::size_t alike = 0;
        auto end_of_series = [&] {
            if (alike > kMostAlike)
                text("  [Previous line repeated " + plural(alike - kMostAlike, "more time") + "]");
        };
        for (const FrameSummary& frame : way) {
            std::string line = frame.str();
            if (line != before) {
                end_of_series();
                alike = 0;
            }
            if (++alike <= kMostAlike) text(line);
            before = std::move(line);
        }
        end_of_series();
    }

    void members(const Errors& errors) {
        const std::size_t shown = std::min(errors.size(), kWidest);
        for (std::size_t i = 0; i < shown; ++i) {
            begin_member(i == 0, std::to_string(i + 1));
            open_ = true;  // unless a member that is a group draws the last line
            write(errors[i]);
            if (i + 1 == errors.size()) end_members();
            --depth_;
        }
        if (shown == errors.size()) return;
        begin_member(false, "...");
        open_ = true;
        text("and " + plural(errors.size() - shown, "more exception"));
        end_members();
        --depth_;
    }
    void begin_member(bool first, const std::string& title) {
        out_ += std::string(2 * depth_, ' ') + (first ? "+-" : "  ") + "+---------------- " + title +
                " ----------------\n";
        ++depth_;
    }
    void end_members() {
        if (std::exchange(open_, false))
            out_ += std::string(2 * depth_, ' ') + "+------------------------------------\n";
    }

    std::string out_;
    std::size_t depth_ = 0;
    std::size_t causes_ = 0;
    bool open_ = false;
};

}  // namespace

std::string FrameSummary::str() const {
    std::string text =
        "  File \"" + std::string(file()) + "\", line " + std::to_string(line) + ", in " + name();
    if (place == Place::after_await) text += " (after this await)";
    if (place == Place::somewhere) text += " (somewhere in it)";
    return text;
}

std::string format_exception(const std::exception_ptr& error) {
    ExceptionWriter writer;
    writer.write(error);
    return writer.take();
}

void print_exception(const std::exception_ptr& error, std::FILE* stream) {
    std::fputs((format_exception(error) + "\n").c_str(), stream ? stream : stderr);
}

std::string BaseExceptionGroup::tree() const {
    ExceptionWriter writer;
    if (const auto* nested = dynamic_cast<const std::nested_exception*>(this)) writer.causes_of(*nested);
    writer.write_group(type_name(typeid(*this)) + ": " + what(), {}, exceptions());
    return writer.take() + "\n";
}

}  // namespace aio
