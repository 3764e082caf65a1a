// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/event_loop.hpp>

#include <cstdio>
#include <string>

namespace aio {

/// All unfinished tasks of `loop` as trees of who awaits whom, one per task that no other awaits. Below
/// a task stand its coroutines, each with the line where it awaits the next, then the tasks that the
/// innermost awaits, or else what it waits for. Mirrors `python -m asyncio pstree`.
///
/// A task that several await has its subtree once. Tasks that await each other in a circle, for which
/// asyncio gives an error, are listed at the end as "cycle: a → b → a". Very deep trees go on as a
/// further tree below.
std::string format_task_tree(EventLoop& loop = get_running_loop());

/// Writes it to `stream`.
void print_task_tree(EventLoop& loop = get_running_loop(), std::FILE* stream = stdout);

/// All unfinished tasks as a table, one line for each pair of task and awaiter. Mirrors
/// `python -m asyncio ps`.
std::string format_task_table(EventLoop& loop = get_running_loop());

/// Prints the tree of `loop`'s tasks to `stream` whenever `signal` arrives: after
/// dump_tasks_on_signal(SIGUSR1) a `kill -USR1 PID` shows what the program is doing. The loop prints it
/// as one of its callbacks, so not while a callback blocks it. remove_signal_handler() ends it.
/// Throws as EventLoop::add_signal_handler().
void dump_tasks_on_signal(int signal, EventLoop& loop = get_running_loop(), std::FILE* stream = stderr);

}  // namespace aio
