"""PyTorch's side of the benchmark: python3 bench/peers/run.py [--json] [--only NAME] [--threads N] [--seconds S] [--serve]"""

import argparse
import functools
import json
import sys
import warnings

sys.dont_write_bytecode = True
warnings.filterwarnings("ignore", message="dynamo_pgo")

try:
    import torch
except ImportError:
    sys.exit(f"PyTorch is not installed for {sys.executable}: run this file with a python that has it (pip install torch).")

import adam
import conv
import empty
import gpt
import lstm
import pixelcnn
import unet
import vae
from measure import measure
from workload import Work

FAMILIES = [vae, gpt, lstm, unet, pixelcnn, conv, adam, empty]
WORKLOADS = {name: variants for family in FAMILIES for name, variants in family.WORKLOADS.items()}


def selected(only: str | None) -> list[str]:
    """Names equal to `only` or below it (`conv` means every `conv/...`)."""
    names = [name for name in WORKLOADS if only is None or name == only or name.startswith(only + "/")]
    if not names:
        sys.exit(f'Unknown workload "{only}". Known: {", ".join(WORKLOADS)}.')
    return names


@functools.cache
def prepared(name: str, variant: str, threads: int) -> Work:
    """A workload built once for each thread setting (a compiled one depends on it)."""
    torch.manual_seed(0)
    return WORKLOADS[name][variant]()


def time_one(name: str, variant: str, threads: int, seconds: float) -> dict:
    torch.set_num_threads(threads)
    work = prepared(name, variant, threads)
    return {"variant": variant, "threads": threads, **measure(work.step, seconds), **work.facts}


def best(name: str, threads: list[int], seconds: float) -> dict:
    """Every variant at every thread setting, and the fastest of them."""
    tried = [time_one(name, variant, n, seconds) for variant in WORKLOADS[name] for n in threads]
    fastest = min(tried, key=lambda result: result["ms"])
    parameters = prepared(name, fastest["variant"], fastest["threads"]).parameters
    return {"name": name, "parameters": parameters, **fastest, "tried": tried}


def versions() -> dict:
    return {"peer": f"PyTorch {torch.__version__}", "cpu": torch.backends.cpu.get_cpu_capability()}


def answer(request: dict) -> dict:
    """One line of `--serve`: without a variant tries everything, with one times just that."""
    if "variant" not in request:
        return best(request["name"], request["threads"], request["seconds"])
    return time_one(request["name"], request["variant"], request["threads"][0], request["seconds"])


def serve() -> None:
    """Answers one JSON request per line of standard input, so that a harness can alternate with its own runs."""
    print(json.dumps({**versions(), "workloads": list(WORKLOADS)}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def describe(result: dict) -> str:
    count = "" if result["parameters"] is None else f"  {result['parameters']:,} parameters"
    setting = f"{result['variant']}, threads {result['threads']}, {result['runs']} runs"
    return f"{result['name']:32} {result['ms']:10.3f} ms  ({setting}){count}"


def main() -> None:
    parser = argparse.ArgumentParser(description="PyTorch's side of the benchmark.")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("--only", help="a workload, or the first part of several names, such as conv")
    parser.add_argument("--threads", type=int, help="only this many threads (default: try 1 and 2)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time to fill for each setting (default 5)")
    parser.add_argument("--serve", action="store_true", help="answer JSON requests on standard input")
    options = parser.parse_args()
    if options.serve:
        return serve()
    threads = [options.threads] if options.threads else [1, 2]
    results = []
    for name in selected(options.only):
        results.append(best(name, threads, options.seconds))
        if not options.json:
            print(describe(results[-1]), flush=True)
    if options.json:
        print(json.dumps({**versions(), "results": results}, indent=2))


if __name__ == "__main__":
    main()
