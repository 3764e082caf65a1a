# SPDX-License-Identifier: MIT
"""Alternating measurement: machines have fast and slow phases of up to 30 %, some of a second only. So samples are
short and many, the limit is measured again after every program of ours, and each sample is divided by the limit's
samples just before and just after it."""
import statistics
from dataclasses import dataclass

PEERS_EVERY = 3  # peers between two samples of the limit
NOISY = 0.10  # others' share of one processor above which a sample is taken again


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int  # samples of aio
    peer_rounds: int
    retries: int = 10  # samples of one row that may be taken again because of noise
    scale: float = 1.0  # of the microbenchmarks' counts
    seconds: float = 0.3  # a server is under load per sample


@dataclass
class Summary:
    """Medians of one program's samples."""

    value: float  # CPU nanoseconds per operation
    best: float
    ratio: float  # to the limit
    spread: float  # (largest - smallest ratio) / ratio
    samples: int
    noisy: int  # of them
    extra: dict  # medians of whatever else the samples hold


class Alternation:
    """`take(program)` gives a sample, a dict with `cpu_ns`, `foreign` and more; None if the program fails."""

    def __init__(self, take, retries):
        self.take = take
        self.retries = retries  # left
        self.log = []  # (program, sample), in the order of time
        self.failed = set()

    def run(self, limit, subjects, peers, plan):
        """Every round visits the subjects once; the peers take part in the first rounds only."""
        for number in range(plan.rounds):
            turn = number % max(1, len(subjects))
            for subject in subjects[turn:] + subjects[:turn]:
                self.sample(limit)
                self.sample(subject)
            for index, peer in enumerate(peers if number < plan.peer_rounds else []):
                if index % PEERS_EVERY == 0:
                    self.sample(limit)
                self.sample(peer)
        self.sample(limit)

    def sample(self, program):
        if program.name in self.failed:
            return
        while sample := self.take(program):
            if sample["foreign"] <= NOISY or self.retries == 0:
                self.log.append((program.name, sample))
                return
            self.retries -= 1
        self.failed.add(program.name)

    def summaries(self, limit):
        """Summary by program name. Without samples of the limit the ratios are NaN."""
        places = [i for i, (name, _) in enumerate(self.log) if name == limit]
        ratios, samples = {}, {}
        for i, (name, sample) in enumerate(self.log):
            before = max((place for place in places if place <= i), default=None)
            after = min((place for place in places if place >= i), default=None)
            near = [self.log[place][1]["cpu_ns"] for place in (before, after) if place is not None]
            ratio = sample["cpu_ns"] / statistics.mean(near) if near else float("nan")
            ratios.setdefault(name, []).append(ratio)
            samples.setdefault(name, []).append(sample)
        return {name: summarize(samples[name], ratios[name]) for name in samples}


def summarize(samples, ratios):
    def median(key):
        return statistics.median(sample[key] for sample in samples)

    ratio = statistics.median(ratios)
    values = [sample["cpu_ns"] for sample in samples]
    return Summary(
        value=median("cpu_ns"),
        best=min(values),
        ratio=ratio,
        spread=(max(ratios) - min(ratios)) / ratio,
        samples=len(samples),
        noisy=sum(sample["foreign"] > NOISY for sample in samples),
        extra={key: median(key) for key in samples[0] if key not in ("cpu_ns", "bench", "n")},
    )
