// SPDX-License-Identifier: MIT
#pragma once

/// What are the tasks doing?
///
/// Which one? `task.repr()` is one line about a task. `print_call_graph(task)` tells where it waits and
/// who waits for it; `task.print_stack()` only where it waits. `print_task_tree()` shows all tasks of a
/// loop, and `dump_tasks_on_signal(SIGUSR1)` does so whenever a `kill -USR1` asks for it.
/// `set_on_deadlock()` says what happens when a loop has tasks that nothing can wake.
///
/// All of it reads the links that waiting needs anyway: it costs nothing until it is called.
/// Threads: only the one that runs the loop, or any while the loop does not run.

#include <aio/inspect/awaited_by.hpp>
#include <aio/inspect/call_graph.hpp>
#include <aio/inspect/deadlock.hpp>
#include <aio/inspect/task_stack.hpp>
#include <aio/inspect/task_tree.hpp>
