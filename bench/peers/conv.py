"""Single convolutions: forward, input gradient, weight gradient, and all three."""

import torch

from workload import SIZES, Variants, Work, in_layouts


def prepare(row: dict, layout: torch.memory_format) -> dict:
    """Input, weight, and a function for the backward pass with a mask of the gradients wanted (input, weight, bias)."""
    x = torch.randn(SIZES["conv"]["batch"], row["in"], row["size"], row["size"]).contiguous(memory_format=layout)
    w = torch.randn(row["out"], row["in"], row["kernel"], row["kernel"]).contiguous(memory_format=layout)
    stride, padding = [row["stride"]] * 2, [row["padding"]] * 2
    forward = lambda: torch.conv2d(x, w, None, stride, padding)
    dy = torch.randn_like(forward())
    backward = lambda *mask: torch.ops.aten.convolution_backward(
        dy, x, w, None, stride, padding, [1, 1], False, [0, 0], 1, mask
    )
    return {
        "forward": forward,
        "dX": lambda: backward(True, False, False),
        "dW": lambda: backward(False, True, False),
        "all": lambda: (forward(), backward(True, True, False)),
    }


def one(row: dict, part: str, layout: torch.memory_format) -> Work:
    return Work(torch.inference_mode()(prepare(row, layout)[part]))


def name(row: dict, part: str) -> str:
    return f"conv/{row['in']}-{row['out']}-{row['size']}-k{row['kernel']}-s{row['stride']}/{part}"


def variants(row: dict, part: str) -> Variants:
    return in_layouts(lambda layout: one(row, part, layout))


WORKLOADS: dict[str, Variants] = {
    name(row, part): variants(row, part) for row in SIZES["conv"]["rows"] for part in SIZES["conv"]["parts"]
}
