"""The cost of asking for nothing: one addition on one element."""

import torch

from workload import SIZES, Variants, Work


def addition() -> Work:
    x = torch.zeros(SIZES["empty"]["elements"])
    return Work(torch.inference_mode()(lambda: x + 1))


WORKLOADS: dict[str, Variants] = {"empty": {"eager": addition}}
