"""Adam (Kingma and Ba 2014, arXiv 1412.6980) alone: the update of one or ten million parameters in ten tensors."""

import torch

from workload import SIZES, Variants, Work


def update(total: int, **options: bool) -> Work:
    count = SIZES["adam"]["tensors"]
    parameters = [torch.nn.Parameter(torch.randn(total // count)) for _ in range(count)]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimiser = torch.optim.Adam(parameters, lr=SIZES["adam"]["learningRate"], **options)
    return Work(optimiser.step, total)


def variants(total: int) -> Variants:
    return {
        "foreach": lambda: update(total, foreach=True),
        "fused": lambda: update(total, fused=True),
    }


WORKLOADS: dict[str, Variants] = {f"adam/{name}": variants(n) for name, n in SIZES["adam"]["parameters"].items()}
