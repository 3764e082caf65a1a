# SPDX-License-Identifier: MIT
"""What check_gcc12.py must find and what it must leave alone: its self-test."""

# (pattern, code)
BAD = [
    (1, "Coro<> f() { if (co_await x()) y(); }"),
    (1, "Coro<> f() { if (!co_await x()) y(); }"),
    (1, "Coro<> f() { if (a && co_await x()) y(); }"),
    (1, "Coro<> f() { if ((r = co_await x())) y(); }"),
    (1, "Coro<> f() { while (co_await x()) { y(); } }"),
    (1, "Coro<> f() { do { y(); } while (co_await x()); }"),
    (1, "Coro<> f() { for (int i = 0; co_await x(i); ++i) y(); }"),
    (1, "Coro<> f() { switch (co_await x()) { case 1: y(); } }"),
    (1, "Coro<> f() { if (a) y(); else if (co_await x() == 1) z(); }"),
    (1, "Coro<> f() { if (int n = 1; co_await x(n)) y(); }"),
    (1, "auto f = [](int n) -> Coro<> { if (co_await x(n)) y(); };"),
    (2, "co_await to_thread([job] { return job->run(); });"),
    (2, "co_await [s]() -> Coro<> { co_await x(s); }();"),
    (2, "auto r = co_await f(1, [=](int n) mutable { return n + k; });"),
    (2, "co_await f([p = std::move(p)] { p->run(); });"),
    (2, "co_await f([&a, b] { return a + b; });"),
    (2, "co_await f([*this] { run(); });"),
    (2, "co_await f(std::function<void(int)>(g));"),
    (2, "co_yield f([s] { return s; });"),
    (2, "for (auto x : co_await f([s] { return s; })) y(x);"),
    (3, "co_await f({.name = s});"),
    (3, "co_await f(x, Options{});"),
    (3, "co_await f(x, {});"),
    (3, "co_await Request{url}.send();"),
    (3, "auto r = co_await f(ns::Thing<std::string>{s});"),
    (3, "co_await (co_await session.get(url, {.timeout = 5s})).text();"),
    (3, "co_yield Item{1, name};"),
    (3, "co_await f({1, 2});"),
    (4, "co_return ok ? co_await a() : co_await b();"),
    (4, "auto x = ok ? co_await a() : 0;"),
    (4, 'co_await f(ok ? std::string("a") : std::string("b"));'),
    (4, "co_await f(ok ? make() : other);"),
    (5, "auto* p = new T(co_await x());"),
    (5, "std::unique_ptr<T> p(new T(1, co_await x()));"),
    (5, "T items[] = {co_await a(), co_await b()};"),
    (5, "Pair pair{co_await a(), 1};"),
    (5, "co_return Pair{co_await a(), 1};"),
    (5, "std::vector v{co_await a, co_await b};"),
]

GOOD = [
    "Coro<> f() { const bool ok = co_await x(); if (ok) y(); }",
    "Coro<> f() { if (auto r = co_await x()) y(); }",
    "Coro<> f() { while (auto line = co_await reader.next_line()) std::puts(line->c_str()); }",
    "Coro<> f() { while (const std::optional<int> n = co_await g.next()) y(*n); }",
    "Coro<> f() { if (a) co_await x(); else co_await y(); }",
    "Coro<> f() { while (true) { co_await x(); } }",
    "Coro<> f() { for (int i = 0; i < 3; ++i) co_await x(i); }",
    "Coro<> f() { for (auto x : {1, 2, 3}) co_await y(x); }",
    "Coro<> f() { for (auto& x : co_await y()) z(x); }",
    "Coro<> f() { switch (n) { case 1: co_await x(); break; default: co_await y(); } }",
    "Coro<> f() { bool both = co_await a() && co_await b(); use(both); }",
    "co_await to_thread(fn, 1, 2);",
    "auto work = [job] { return job->run(); }; co_await to_thread(std::move(work));",
    "auto t = create_task([s]() -> Coro<> { co_await x(s); }); co_await std::move(t);",
    "co_await f([] { return 1; });",
    "co_await f([&] { return a; });",
    "co_await f([&a, this] { return a; });",
    "std::function<void()> f = co_await x();",
    "auto [a, b] = co_await gather(x, y);",
    "auto& [a, b] = r; co_await x(table[a], values()[1], \"s\"[0]);",
    "auto options = Options().header(\"a\", \"b\"); co_await get(url, options);",
    "co_await get(url).header(\"a\", \"b\").timeout(5s);",
    "co_await sleep(std::chrono::seconds{1});",
    "co_await queue.put(std::string{\"a\"});",
    "Options options{.name = s}; co_await f(options);",
    "co_await sleep(fast ? 1ms : 2s);",
    "co_await f(ok ? first : second, ok ? v.size() : 0);",
    "const int n = ok ? 1 : 2; co_await f(n);",
    "auto x = co_await a(); auto* p = new T(x);",
    "auto p = std::make_unique<T>(co_await x()); v.push_back(co_await y());",
    "T t(co_await x());",
    "Coro<> f(Options o = {}) { co_await x(o); }",
    "struct S : B<int> { int n{0}; Coro<> f() { co_await x(); } S() : n{1} {} };",
    "namespace a::b { Coro<> f() { co_await x(); } }",
    "template <class T> requires C<T> auto f(T t) -> Coro<T> { co_await x(); co_return T{t}; }",
    "TEST(A, B) { run([]() -> Coro<> { co_await x(); }); }",
    "EXPECT_THROW({ co_await x(); }, Error);",
    "EXPECT_EQ(co_await x(), 1);",
    "auto f = [n]() -> Coro<> { co_await x(n); }; auto g = f();",
    "// if (co_await x())\n/* co_await f({}) */ co_await f(\"if (co_await x()) {.a = 1}\");",
    "co_await f(R\"(co_await g({1}))\", 1'000, '{');",
    "#define X(a) if (co_await a) {\nco_await x();",
    "if (co_await x()) y();  // gcc12-ok: never built with g++",
    "// gcc12-ok: never built with g++\nif (co_await x()) y();",
    "[[nodiscard]] Coro<> f([[maybe_unused]] int n) { co_await x(); }",
    "Coro<> f() { try { co_await x(); } catch (const E&) { y(); } }",
    "Coro<> f() { auto n = v.empty() ? T() : T(v[0]); co_await x(n); }",
]

DOCUMENT = """
# Wrong ways
```cpp
if (co_await x()) y();
```
# Right ways
```cpp
// wrong
co_await f({});
if (co_await x()) y();  // wrong
// right
co_await f(Options());
```
```sh
if (co_await x()) y();
```
```cpp
co_await found({});
```
"""


def run(findings_in, code_of_document):
    """Prints what goes against the lists; exit status 1 if anything does."""
    failures = 0
    for pattern, code in BAD:
        found = {kind for _, kind in findings_in(code)}
        if found != {pattern}:
            failures += 1
            print(f"must be pattern {pattern}, found {sorted(found) or 'nothing'}: {code}")
    for code in GOOD:
        found = findings_in(code)
        if found:
            failures += 1
            print(f"must pass, found {found}: {code}")
    lines = DOCUMENT.splitlines()
    found = [lines[line - 1] for line, _ in findings_in(code_of_document(DOCUMENT))]
    if found != ["co_await found({});"]:
        failures += 1
        print(f"document: found {found}")
    print(f"self-test: {len(BAD) + len(GOOD) + 1} cases, {failures} failures")
    return 1 if failures else 0
