"""What a workload is: a step to be timed and how many parameters it trains; several variants compete for the best time."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import torch

SIZES = json.loads((Path(__file__).parent.parent / "workloads.json").read_text())


@dataclass
class Work:
    """A prepared workload: call `step` as often as you like."""

    step: Callable[[], object]
    parameters: int | None = None
    facts: dict = field(default_factory=dict)  # measured once while preparing, for example a compilation's seconds


Build = Callable[[], Work]
Variants = dict[str, Build]


def parameter_count(module: torch.nn.Module) -> int:
    """Number of trained values."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def train_step(module: torch.nn.Module, loss: Callable[[], torch.Tensor], optimiser: torch.optim.Optimizer) -> Work:
    """Forward, backward and update as one step; the step returns the loss tensor, unread."""

    def step() -> torch.Tensor:
        optimiser.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        optimiser.step()
        return value

    return Work(step, parameter_count(module))


def in_layouts(build: Callable[[torch.memory_format], Work]) -> Variants:
    """A convolutional workload in both memory layouts PyTorch knows."""
    return {
        "eager": lambda: build(torch.contiguous_format),
        "channels-last": lambda: build(torch.channels_last),
    }
