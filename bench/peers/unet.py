"""A small U-Net that predicts noise (Ho, Jain and Abbeel 2020, arXiv 2006.11239); README.md lists it layer by layer."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from workload import SIZES, Variants, Work, in_layouts, train_step


def sinusoid(t: torch.Tensor, features: int, max_period: float) -> torch.Tensor:
    """[N] time steps to [N, features]: cosines, then sines, at frequencies max_period^(-i / (features / 2))."""
    half = features // 2
    frequencies = torch.exp(-math.log(max_period) / half * torch.arange(half))
    angles = t[:, None].float() * frequencies
    return torch.cat([torch.cos(angles), torch.sin(angles)], dim=1)


class ResBlock(nn.Module):
    """norm, SiLU, 3x3; plus a projection of the time embedding; norm, SiLU, 3x3; plus the (1x1-projected) input."""

    def __init__(self, inside: int, outside: int, s: dict):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(s["groups"], inside), nn.Conv2d(inside, outside, 3, padding=1)
        self.time = nn.Linear(s["timeWidth"], outside)
        self.norm2, self.conv2 = nn.GroupNorm(s["groups"], outside), nn.Conv2d(outside, outside, 3, padding=1)
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        h = self.conv1(F.silu(self.norm1(x))) + self.time(time)[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class Attention(nn.Module):
    """One head over all positions: norm, linear to q, k, v, attention, linear, plus the input."""

    def __init__(self, channels: int, s: dict):
        super().__init__()
        self.norm = nn.GroupNorm(s["groups"], channels)
        self.qkv, self.proj = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.norm(x).flatten(2).transpose(1, 2)
        q, k, v = self.qkv(tokens).chunk(3, dim=2)
        mixed = self.proj(F.scaled_dot_product_attention(q, k, v))
        return x + mixed.transpose(1, 2).reshape(x.shape)


class UNet(nn.Module):
    """Two levels; two blocks at full resolution, one with attention at half, a middle, and the mirror image."""

    def __init__(self, s: dict):
        super().__init__()
        self.s = s
        (image, *_), (low, high) = s["image"], s["channels"]
        width = s["timeWidth"]
        self.time = nn.Sequential(nn.Linear(s["timeFeatures"], width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.first = nn.Conv2d(image, low, 3, padding=1)
        self.down1, self.down2 = ResBlock(low, low, s), ResBlock(low, low, s)
        self.shrink = nn.Conv2d(low, low, 3, stride=2, padding=1)
        self.down3, self.attend3 = ResBlock(low, high, s), Attention(high, s)
        self.middle1, self.attend, self.middle2 = ResBlock(high, high, s), Attention(high, s), ResBlock(high, high, s)
        self.up3 = ResBlock(2 * high, high, s)
        self.grow = nn.Conv2d(high, high, 3, padding=1)
        self.up2, self.up1 = ResBlock(high + low, low, s), ResBlock(2 * low, low, s)
        self.norm, self.last = nn.GroupNorm(s["groups"], low), nn.Conv2d(low, image, 3, padding=1)

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        time = self.time(sinusoid(t, self.s["timeFeatures"], self.s["maxPeriod"]))
        h1 = self.down1(self.first(x), time)
        h2 = self.down2(h1, time)
        h3 = self.attend3(self.down3(self.shrink(h2), time))
        h = self.middle2(self.attend(self.middle1(h3, time)), time)
        h = self.up3(torch.cat([h, h3], dim=1), time)
        h = self.grow(F.interpolate(h, scale_factor=2, mode="nearest"))
        h = self.up2(torch.cat([h, h2], dim=1), time)
        h = self.up1(torch.cat([h, h1], dim=1), time)
        return self.last(F.silu(self.norm(h)))


def training(layout: torch.memory_format) -> Work:
    """Mean squared error of the predicted noise; image noise and time steps are drawn in the step."""
    s = SIZES["unet"]
    model = UNet(s).to(memory_format=layout)
    x = torch.rand(s["batch"], *s["image"]).mul(2).sub(1).contiguous(memory_format=layout)
    keep = torch.cumprod(1 - torch.linspace(1e-4, 0.02, s["diffusionSteps"]), 0)
    optimiser = torch.optim.Adam(model.parameters(), lr=s["learningRate"], fused=True)

    def loss() -> torch.Tensor:
        t = torch.randint(s["diffusionSteps"], (s["batch"],))
        noise = torch.randn_like(x)
        a = keep[t][:, None, None, None]
        return F.mse_loss(model(a.sqrt() * x + (1 - a).sqrt() * noise, t), noise)

    return train_step(model, loss, optimiser)


WORKLOADS: dict[str, Variants] = {"unet": in_layouts(training)}
