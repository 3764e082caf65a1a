# SPDX-License-Identifier: MIT
"""Alternating measurement: machines have fast and slow phases of up to 30 %, so the limit is measured again
after every few programs, and each sample is divided by the limit's samples just before and just after it."""
import statistics
from dataclasses import dataclass

LIMIT_EVERY = 3  # programs between two samples of the limit
NOISY = 0.10  # others' share of one processor above which a sample is taken again
RETRIES = 2


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
    """`take(program, first)` gives a sample: a dict with `cpu_ns`, `foreign` and others; None if it failed."""

    def __init__(self, take):
        self.take = take
        self.log = []  # (program, sample), in the order of time
        self.failed = set()

    def run(self, limit, subjects, peers, rounds, peer_rounds):
        """Every round visits the subjects once; the peers take part in the first `peer_rounds` rounds."""
        for number in range(rounds):
            programs = subjects + (peers if number < peer_rounds else [])
            turn = (number * LIMIT_EVERY) % max(1, len(programs))
            for index, program in enumerate(programs[turn:] + programs[:turn]):
                if index % LIMIT_EVERY == 0:
                    self.sample(limit)
                self.sample(program)
        self.sample(limit)

    def sample(self, program):
        if program.name in self.failed:
            return
        for attempt in range(RETRIES + 1):
            sample = self.take(program)
            if sample is None:
                self.failed.add(program.name)
                return
            if sample["foreign"] <= NOISY or attempt == RETRIES:
                self.log.append((program.name, sample))
                return

    def summaries(self, limit):
        """Summary by program name. Without samples of the limit the ratios are NaN."""
        places = [i for i, (name, _) in enumerate(self.log) if name == limit]
        ratios, samples = {}, {}
        for i, (name, sample) in enumerate(self.log):
            before = max((place for place in places if place <= i), default=None)
            after = min((place for place in places if place >= i), default=None)
            near = [self.log[place][1]["cpu_ns"] for place in (before, after) if place is not None]
            ratios.setdefault(name, []).append(sample["cpu_ns"] / statistics.mean(near) if near else float("nan"))
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
