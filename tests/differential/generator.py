# SPDX-License-Identifier: MIT
"""Random programs for the differential test: the same seed gives the same program, on every machine.

Tasks wait for one another in one direction only, by their numbers, because a circle of tasks that is
cancelled recurses for ever in CPython.
"""

import random

DELAYS = ["0", "0", "1", "1", "2", "3", "5", "8"]  # ticks; few, so that different things fall together
TASKS = 6
FUTURES = ["F0", "F1"]
HELPER = "H"
WORDS = "abcdefgh"


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tasks = 1  # T0 is the main task
        self.upwards = self.random.random() < 0.6  # whether tasks wait for later ones
        self.budget = self.random.randint(8, 50)
        # The shared things of which it makes use, the more of each: with all of them every task is soon stuck.
        shared = self.random.sample(SHARED, self.random.choice([1, 1, 2, 2, 3, len(SHARED)]))
        self.unused = {kind for kinds in SHARED if kinds not in shared for kind in kinds}

    def program(self):
        futures = [["future", name] for name in FUTURES if self.random.random() < 0.7]
        spawns = [self.spawn(0, 1) for _ in range(self.random.randint(1, 4))]
        helps = self.helps() if self.random.random() < 0.7 else []
        return futures + spawns + helps + self.statements(0, 0, self.random.randint(2, 7))

    def helps(self):
        """What keeps tasks from waiting in vain, which most of them would end with."""
        helps = [["later", self.delay(), ["set", name]] for name in FUTURES]
        if "event_set" not in self.unused:
            helps.append(["later", self.delay(), ["event_set"]])
        if "arriving" not in self.unused:
            helps.append(self.arriving(0, 0))
        frees = [kind for kind in ("notify", "put", "get", "barrier", "next") if kind not in self.unused]
        if frees:
            kinds = self.random.choices(frees, k=self.random.randint(1, 4))
            steps = [[["sleep", self.delay()], getattr(self, kind)(0, 0)] for kind in kinds]
            helps.append(["spawn", HELPER, *(statement for step in steps for statement in step)])
        return helps

    def statements(self, task, depth, count):
        made = []
        for _ in range(count):
            if self.budget <= 0:
                break
            self.budget -= 1
            made.append(self.statement(task, depth))
        return made

    def some(self, task, depth, most=4):
        return self.statements(task, depth + 1, self.random.randint(1, most))

    def statement(self, task, depth):
        compound = {} if depth >= 4 else COMPOUND
        kinds = self.in_use({**WAITING, **ACTIONS, **compound})
        if self.tasks >= TASKS:
            kinds.pop("spawn")
        if task != 0 and not self.upwards:
            kinds.pop("group", None)  # it waits for later tasks
        [kind] = self.random.choices(list(kinds), list(kinds.values()))
        return getattr(self, kind)(task, depth)

    def actions(self, task):
        """What a callback may do."""
        kinds = self.in_use(ACTIONS)
        for kind in ("spawn", "soon", "later", "callback"):
            del kinds[kind]
        chosen = self.random.choices(list(kinds), list(kinds.values()), k=self.random.randint(1, 2))
        return [getattr(self, kind)(task, 0) for kind in chosen]

    def in_use(self, weights):
        return {kind: weight for kind, weight in weights.items() if kind not in self.unused}

    # Names

    def word(self):
        return self.random.choice(WORDS)

    def delay(self):
        return self.random.choice(DELAYS)

    def any_task(self):
        return f"T{self.random.randrange(max(self.tasks, 2))}"

    def future(self):
        return self.random.choice(FUTURES)

    def awaited(self, task):
        """Something that `task` may wait for."""
        if self.random.random() < 0.25:
            return self.future()
        if task == 0 or self.upwards:
            return f"T{self.random.randint(task + 1, max(task + 1, self.tasks))}"
        return f"T{self.random.randint(1, task - 1)}" if task > 1 else self.future()

    # Statements, by their names

    def print(self, task, depth):
        return ["print", self.word()]

    def spawn(self, task, depth):
        number = self.tasks
        self.tasks += 1
        return ["spawn", f"T{number}", *self.statements(number, 1, self.random.randint(1, 5))]

    def cancel(self, task, depth):
        name = self.any_task() if self.random.random() < 0.85 else self.future()
        return ["cancel", name] + ([self.word()] if self.random.random() < 0.3 else [])

    def raise_(self, task, depth):
        return ["raise", self.word()]

    def cancelling(self, task, depth):
        return ["cancelling"]

    def uncancel(self, task, depth):
        return ["uncancel"]

    def sleep(self, task, depth):
        return ["sleep", self.delay()]

    def await_(self, task, depth):
        return ["await", self.awaited(task)]

    def try_(self, task, depth):
        kind, how = self.random.choice(["cancelled", "error"]), self.random.choice(["swallow", "reraise"])
        catch = ["catch", kind, how, *self.statements(task, depth + 1, self.random.randint(0, 2))]
        final = ["finally", *self.some(task, depth, 2)]
        clauses = self.random.choice([[catch], [catch], [final], [catch, final]])
        return ["try", self.some(task, depth), *clauses]

    def set(self, task, depth):
        return ["set", self.future()]

    def fail(self, task, depth):
        return ["fail", self.future(), self.word()]

    def state(self, task, depth):
        return ["state", self.any_task()]

    def callback(self, task, depth):
        return ["callback", self.awaited(task), *self.actions(task)]

    def soon(self, task, depth):
        return ["soon", *self.actions(task)]

    def later(self, task, depth):
        return ["later", self.delay(), *self.actions(task)]

    def names(self, task):
        return [self.awaited(task) for _ in range(self.random.randint(1, 3))]

    def gather(self, task, depth):
        return ["gather", self.random.choice(["raise", "return"]), *self.names(task)]

    def wait(self, task, depth):
        timeout = self.random.choice(["-", self.delay()])
        return ["wait", self.random.choice(["all", "first", "error"]), timeout, *self.names(task)]

    def arriving(self, task, depth):
        return ["arriving", self.random.choice(["-", "-", self.delay()]), *self.names(task)]

    def next(self, task, depth):
        return ["next"]

    def shield(self, task, depth):
        return ["shield", self.awaited(task)]

    def wait_for(self, task, depth):
        return ["wait_for", self.delay(), self.awaited(task)]

    def timeout(self, task, depth):
        return ["timeout", self.delay(), *self.some(task, depth)]

    def limited(self, task, depth):
        return ["limited", self.delay(), *self.some(task, depth)]

    # Shared things

    def lock(self, task, depth):
        return ["lock", *self.some(task, depth)]

    def event_wait(self, task, depth):
        return ["event_wait"]

    def event_set(self, task, depth):
        return ["event_set"]

    def event_clear(self, task, depth):
        return ["event_clear"]

    def put(self, task, depth):
        return ["put", self.word()]

    def get(self, task, depth):
        return ["get"]

    def put_nowait(self, task, depth):
        return ["put_nowait", self.word()]

    def get_nowait(self, task, depth):
        return ["get_nowait"]

    def task_done(self, task, depth):
        return ["task_done"]

    def join(self, task, depth):
        return ["join"]

    def semaphore(self, task, depth):
        return ["semaphore", *self.some(task, depth)]

    def release(self, task, depth):
        return ["release"]

    def condition(self, task, depth):
        return ["condition", *self.some(task, depth, 2)]

    def notify(self, task, depth):
        return ["notify", self.random.choice("1129")]

    def barrier(self, task, depth):
        return ["barrier"]

    def barrier_reset(self, task, depth):
        return ["barrier_reset"]

    def barrier_abort(self, task, depth):
        return ["barrier_abort"]

    def group(self, task, depth):
        room = TASKS - self.tasks
        children = [self.spawn(task, depth)[1:] for _ in range(self.random.randint(0, max(0, min(room, 3))))]
        return ["group", children, *self.some(task, depth, 2)]

    def stack(self, task, depth):
        exits = [self.exit(task, depth) for _ in range(self.random.randint(1, 4))]
        return ["stack", exits, *self.some(task, depth, 3)]

    def exit(self, task, depth):
        kind = self.random.choice(["lock", "semaphore", "call", "exit", "exit"])
        if kind in self.unused:
            kind = "call"
        how = {"exit": [self.random.choice(["swallow", "pass", "pass"])]}.get(kind, [])
        return [kind, *how, *(self.some(task, depth, 2) if kind in ("call", "exit") else [])]

    def generator(self, task, depth):
        return ["generator", self.some(task, depth, 3), *self.some(task, depth, 2)]


# Statements that may wait, those that never do and those around others, with their weights.
WAITING = {
    "sleep": 12, "await_": 6, "gather": 4, "wait": 3, "shield": 3, "wait_for": 3,
    "event_wait": 4, "put": 5, "get": 5, "join": 1, "next": 12, "notify": 8,
    "barrier": 9, "barrier_reset": 1, "barrier_abort": 0.5,
}  # fmt: skip
ACTIONS = {
    "print": 2, "spawn": 4, "cancel": 7, "raise_": 2, "cancelling": 1, "uncancel": 1,
    "set": 3, "fail": 1, "state": 1, "callback": 1, "soon": 1, "later": 1,
    "event_set": 4, "event_clear": 2, "put_nowait": 2, "get_nowait": 2, "task_done": 2,
    "arriving": 5, "release": 1,
}  # fmt: skip
COMPOUND = {
    "try_": 9, "timeout": 4, "limited": 2, "group": 4, "stack": 3, "generator": 3,
    "lock": 8, "semaphore": 10, "condition": 8,
}  # fmt: skip
SHARED = [
    ["lock"], ["semaphore", "release"], ["condition", "notify"], ["event_wait", "event_set", "event_clear"],
    ["put", "get", "put_nowait", "get_nowait", "task_done", "join"],
    ["barrier", "barrier_reset", "barrier_abort"], ["arriving", "next"],
]  # fmt: skip


def generate(seed):
    return Generator(seed).program()
