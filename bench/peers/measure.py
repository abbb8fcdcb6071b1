"""Timing: warm up, then the median over enough runs to fill the asked seconds."""

import statistics
import time
from typing import Callable

SHORTEST_SAMPLE = 0.5e-3  # seconds; faster steps are timed several at a time


def clock(step: Callable[[], object], repeat: int) -> float:
    """Seconds of one step, averaged over `repeat` of them."""
    start = time.perf_counter()
    for _ in range(repeat):
        step()
    return (time.perf_counter() - start) / repeat


def warm_up(step: Callable[[], object], seconds: float) -> float:
    """Runs a step at least once and for at least `seconds`; returns the seconds of the fastest."""
    end, times = time.perf_counter() + seconds, []
    while not times or time.perf_counter() < end:
        times.append(clock(step, 1))
    return min(times)


def measure(step: Callable[[], object], seconds: float) -> dict:
    """Median, least and 90th percentile of a step's milliseconds, mean processor time, and the number of steps."""
    fastest = warm_up(step, min(0.5, seconds / 4))
    repeat = max(1, round(SHORTEST_SAMPLE / max(fastest, 1e-9)))
    end, times, before = time.perf_counter() + seconds, [], time.process_time()
    while len(times) < 3 or time.perf_counter() < end:
        times.append(1e3 * clock(step, repeat))
    used = time.process_time() - before
    times.sort()
    return {
        "ms": statistics.median(times),
        "cpu": 1e3 * used / (len(times) * repeat),
        "min": times[0],
        "p90": times[int(0.9 * (len(times) - 1))],
        "runs": len(times) * repeat,
    }
