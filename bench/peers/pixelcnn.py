"""A training step of the Gated PixelCNN (van den Oord et al. 2016, arXiv 1606.05328) without the taps a mask would hide."""

import torch
from torch import nn
from torch.nn import functional as F

from workload import SIZES, Variants, Work, in_layouts, train_step


def gate(x: torch.Tensor) -> torch.Tensor:
    """tanh of the first half of the channels times the logistic function of the second."""
    a, b = x.chunk(2, dim=1)
    return torch.tanh(a) * torch.sigmoid(b)


class Layer(nn.Module):
    """Rows above through the vertical stack, pixels to the left through the horizontal one; the first layer sees no pixel itself."""

    def __init__(self, inputs: int, channels: int, kernel: int, dilation: int, first: bool):
        super().__init__()
        reach, wide = kernel // 2, 2 * channels
        self.first, self.span = first, reach * dilation
        self.vertical = nn.Conv2d(inputs, wide, (reach if first else reach + 1, kernel), dilation=dilation)
        self.across = nn.Conv2d(wide, wide, 1)
        self.row = nn.Conv2d(inputs, wide, (1, reach if first else reach + 1), dilation=dilation, bias=False)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, vertical: torch.Tensor, row: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        above, left = (vertical[:, :, :-1], row[..., :-1]) if self.first else (vertical, row)
        v = self.vertical(F.pad(above, (self.span, self.span, self.span, 0)))
        h = self.mix(gate(self.row(F.pad(left, (self.span, 0, 0, 0))) + self.across(v)))
        return gate(v), h if self.first else row + h


class GatedPixelCnn(nn.Module):
    """Log-odds of every pixel of a binary image given those before it."""

    def __init__(self, s: dict):
        super().__init__()
        channels, dilations = s["channels"], s["dilations"]
        layers = [Layer(s["image"][0], channels, s["kernel"], 1, True)]
        layers += [Layer(channels, channels, 3, dilations[i % len(dilations)], False) for i in range(s["layers"] - 1)]
        self.layers = nn.ModuleList(layers)
        self.head = nn.Sequential(nn.ReLU(), nn.Conv2d(channels, s["head"], 1), nn.ReLU(), nn.Conv2d(s["head"], 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        vertical, row = x, x
        for layer in self.layers:
            vertical, row = layer(vertical, row)
        return self.head(row)


def training(layout: torch.memory_format) -> Work:
    s = SIZES["pixelcnn"]
    model = GatedPixelCnn(s).to(memory_format=layout)
    x = torch.bernoulli(torch.full((s["batch"], *s["image"]), 0.2)).contiguous(memory_format=layout)
    optimiser = torch.optim.Adam(model.parameters(), lr=s["learningRate"], fused=True)
    loss = lambda: F.binary_cross_entropy_with_logits(model(x), x, reduction="sum") / s["batch"]
    return train_step(model, loss, optimiser)


WORKLOADS: dict[str, Variants] = {"pixelcnn": in_layouts(training)}
