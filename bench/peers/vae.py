"""Variational autoencoders (Kingma and Welling 2013, arXiv 1312.6114): the MLP and the convolutional one, and decoding."""

import time

import torch
import torch._dynamo
import torch._inductor.config
from torch import nn
from torch.nn import functional as F

from workload import SIZES, Variants, Work, in_layouts, train_step


def elbo_loss(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Negative evidence lower bound in nats, averaged over the batch; the noise is drawn here."""
    mean, log_variance = encoder(x).chunk(2, dim=1)
    z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    reconstruction = F.binary_cross_entropy_with_logits(decoder(z), x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())
    return (reconstruction + divergence) / x.shape[0]


class Vae(nn.Module):
    """An encoder and a decoder whose forward pass is the loss."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return elbo_loss(self.encoder, self.decoder, x)


def mlp_vae(s: dict) -> Vae:
    """784-400-20 with ReLU; the encoder's last layer gives mean and log variance side by side."""
    encoder = nn.Sequential(nn.Linear(s["input"], s["hidden"]), nn.ReLU(), nn.Linear(s["hidden"], 2 * s["latent"]))
    decoder = nn.Sequential(nn.Linear(s["latent"], s["hidden"]), nn.ReLU(), nn.Linear(s["hidden"], s["input"]))
    return Vae(encoder, decoder)


def conv_vae(s: dict) -> Vae:
    """Two strided convolutions and two linear layers, mirrored by transposed convolutions."""
    first, second = s["channels"]
    shape = (second, s["image"][1] // 4, s["image"][2] // 4)
    flat = shape[0] * shape[1] * shape[2]
    window = (s["kernel"], s["stride"], s["padding"])
    encoder = nn.Sequential(
        nn.Conv2d(s["image"][0], first, *window), nn.ReLU(),
        nn.Conv2d(first, second, *window), nn.ReLU(),
        nn.Flatten(), nn.Linear(flat, s["hidden"]), nn.ReLU(),
        nn.Linear(s["hidden"], 2 * s["latent"]),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(s["latent"], s["hidden"]), nn.ReLU(),
        nn.Linear(s["hidden"], flat), nn.ReLU(), nn.Unflatten(1, shape),
        nn.ConvTranspose2d(second, first, *window), nn.ReLU(),
        nn.ConvTranspose2d(first, s["image"][0], *window),
    )  # fmt: skip
    return Vae(encoder, decoder)


def adam(model: nn.Module, s: dict) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=s["learningRate"], fused=True)


def eager_mlp() -> Work:
    s = SIZES["vae"]
    model, x = mlp_vae(s), torch.bernoulli(torch.full((s["batch"], s["input"]), 0.2))
    return train_step(model, lambda: model(x), adam(model, s))


def compiled_mlp() -> Work:
    """The same step under torch.compile; the first call's seconds are reported as a fact."""
    s = SIZES["vae"]
    model, x = mlp_vae(s), torch.bernoulli(torch.full((s["batch"], s["input"]), 0.2))
    torch._dynamo.reset()
    compiled = torch.compile(model)
    work = train_step(model, lambda: compiled(x), adam(model, s))
    start = time.perf_counter()
    with torch._inductor.config.patch(force_disable_caches=True):
        work.step()
    work.facts["compileSeconds"] = time.perf_counter() - start
    return work


def convolutional(layout: torch.memory_format) -> Work:
    s = SIZES["conv-vae"]
    model = conv_vae(s).to(memory_format=layout)
    x = torch.bernoulli(torch.full((s["batch"], *s["image"]), 0.2)).contiguous(memory_format=layout)
    return train_step(model, lambda: model(x), adam(model, s))


def decoding() -> Work:
    """Means of a batch of decoded prior samples, the prior noise included."""
    s, count = SIZES["vae"], SIZES["sampling"]["decode"]["count"]
    decoder = mlp_vae(s).decoder

    @torch.inference_mode()
    def step() -> torch.Tensor:
        return torch.sigmoid(decoder(torch.randn(count, s["latent"])))

    return Work(step)


WORKLOADS: dict[str, Variants] = {
    "vae": {"eager": eager_mlp, "compiled": compiled_mlp},
    "conv-vae": in_layouts(convolutional),
    "sampling/vae-decode": {"eager": decoding},
}
