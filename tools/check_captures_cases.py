# SPDX-License-Identifier: MIT
"""What check_captures.py must find and what it must leave alone: its self-test."""

SHARED = """
aio::Coro<> greet(const std::string& name) { co_await pause(); }
aio::Coro<> view(int n, std::string_view text) { co_await pause(); }
Coro<int> sum(const std::vector<int>& v, const std::map<int, int>& m) { co_return 1; }
Coro<> own(std::string name) { co_await pause(); }
Coro<> change(Record& record) { co_await pause(); }
Coro<> declared(std::span<const int> numbers, int n = 0);
Coro<> plain(const std::string& name) { return own(name); }
Generator<char> letters(std::string_view text) { for (char c : text) co_yield c; }
template <class F> Coro<> apply(F&& fn) { co_await fn(); }
Coro<> both(const std::string& a) { co_return; }
Coro<> both(int a) { co_return; }
struct Greeter { Coro<> hello(const std::string& name) const { co_return; } };
"""

# (kind, code)
BAD = [
    ("lambda", "auto t = create_task([name]() -> Coro<> { co_await x(name); }());"),
    ("lambda", "create_task([name]() -> aio::Coro<> { co_await x(name); }());"),
    ("lambda", "auto c = [&]() -> Coro<> { co_await x(name); }();"),
    ("lambda", "auto c = [this](int n) mutable -> Coro<int> { co_return n + m; }(5);"),
    ("lambda", "return [job = std::move(job)]() -> Coro<> { co_await job->run(); }();"),
    ("lambda", "all.push_back([i]() -> Coro<> { co_await x(i); }());"),
    ("lambda", "group.create_task([=]() -> Coro<> { co_await x(i); }(), \"name\");"),
    ("lambda", "auto f = [&] { tasks.push_back(create_task([i]() -> Coro<> { co_await x(i); }())); };"),
    ("lambda", "auto g = [n]() -> AsyncGenerator<int> { co_yield n; }();"),
    ("lambda", "auto t = create_task([a]() -> Coro<> { co_await x(a); }()); co_await t;"),
    ("lambda", "auto future = run_coroutine_threadsafe([a]() -> Coro<> { co_await x(a); }(), loop);"),
    ("temporary", 'auto t = create_task(greet(std::string("Ada")));'),
    ("temporary", 'auto c = greet("Ada");'),
    ("temporary", "auto c = greet(std::to_string(5));"),
    ("temporary", 'auto c = greet(first + " " + last);'),
    ("temporary", 'return greet("Ada"s);'),
    ("temporary", 'auto t = create_task(view(5, std::string("Ada")));'),
    ("temporary", 'auto c = view(5, "Ada"s);'),
    ("temporary", "auto c = view(5, text.substr(1));"),
    ("temporary", "auto g = gather(greet(name), greet(name.substr(1)));"),
    ("temporary", "auto c = sum(std::vector<int>{1, 2}, m);"),
    ("temporary", "auto c = sum(v, {});"),
    ("temporary", "all.push_back(declared(std::vector{1, 2}));"),
    ("temporary", "all.push_back(declared(std::vector{1, 2}, 3));"),
    ("temporary", "auto letter = letters(std::string(5, 'x'));"),
    ("temporary", "auto c = apply([x] { return own(x); });"),
    ("temporary", 'auto c = greeter.hello("Ada");'),
    ("temporary", 'auto later = [](const std::string& s) -> Coro<> { co_await x(s); }; auto c = later("x");'),
    ("temporary", 'auto t = create_task(greet(std::string("Ada"))); co_await t;'),
    ("temporary", 'auto c = greet(co_await name() + "x");'),
    ("temporary", 'Coro<> f() { return greet("Ada"); }'),
]

GOOD = [
    "co_await [name]() -> Coro<> { co_await x(name); }();",
    "co_await gather([&]() -> Coro<> { co_await x(); }(), [&]() -> Coro<> { co_await y(); }());",
    "const int n = co_await wait_for([&]() -> Coro<int> { co_return k; }(), 1s);",
    "run([&]() -> Coro<> { co_await x(); }());",
    "loop.run_until_complete([&]() -> Coro<> { co_await x(); }());",
    "EXPECT_EQ(aio::run([&]() -> Coro<int> { co_return k; }()), 1);",
    "auto t = create_task([]() -> Coro<> { co_await x(); }());",
    "auto t = create_task([](std::string s) -> Coro<> { co_await x(s); }(name));",
    "auto t = create_task([name]() -> Coro<> { co_await x(name); });",
    "auto t = create_task([job](int n) -> Coro<> { co_await job->run(n); }, 5);",
    "auto body = [&]() -> Coro<> { co_await x(); }; auto t = create_task(body());",
    "auto v = [&] { return x(); }();",
    "auto c = [&]() -> Coro<> { return own(name); }();",
    "int a[3]; auto c = a[i](5);",
    "[&]() -> Coro<> { co_await x(); }().close();",
    "auto r = run_coroutine_threadsafe([a]() -> Coro<int> { co_return a; }(), loop).result();",
    'co_await greet("Ada");',
    'co_await greet(std::string("Ada"));',
    'co_await gather(greet("Ada"), view(5, std::string("Grace")));',
    'const auto r = co_await wait_for(greet("Ada"), 1s);',
    'aio::run(greet("Ada"));',
    'loop.run_until_complete(greet(std::string("Ada")));',
    'auto t = create_task(greet, "Ada");',
    'auto t = create_task(greet, std::string("Ada"));',
    "auto t = create_task(greet(name));",
    "auto c = greet(names[0]);",
    "auto c = greet(person.name());",
    "auto c = greet(std::move(name));",
    'auto c = own("Ada");',
    'auto t = create_task(own(std::string("Ada")));',
    'auto t = create_task(view(5, "Ada"));',
    'auto t = create_task(view(5, "Ada"sv));',
    "auto t = create_task(view(5, text));",
    "auto c = sum(v, m);",
    "auto c = change(record);",
    'auto c = plain("Ada");',
    'auto c = both("Ada");',
    'auto c = unknown(std::string("Ada"));',
    'auto c = greet(*find("Ada"));',
    "auto c = apply(fn);",
    'greet("Ada");',
    'static_cast<void>(greet("Ada"));',
    'static_assert(std::same_as<decltype(greet("Ada")), Coro<>>);',
    'greet("Ada").close();',
    'auto t = create_task(greet("Ada"));  // captures-ok: fails before it runs',
    '// captures-ok: fails before it runs\nauto t = create_task(greet("Ada"));',
    "aio::Coro<> greet(const std::string& name = std::string());",
]


def run(findings_in):
    """Prints what goes against the lists; exit status 1 if anything does."""
    failures = 0
    for kind, code in BAD:
        found = {finding for _, finding in findings_in(code, [SHARED])}
        if found != {kind}:
            failures += 1
            print(f"must be {kind}, found {sorted(found) or 'nothing'}: {code}")
    for code in [*GOOD, SHARED]:
        found = findings_in(code, [SHARED])
        if found:
            failures += 1
            print(f"must pass, found {found}: {code}")
    print(f"self-test: {len(BAD) + len(GOOD) + 1} cases, {failures} failures")
    return 1 if failures else 0
