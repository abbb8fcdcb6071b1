"""A character-level GPT: a training step, and sampling with a key-value cache."""

import torch
from torch import nn
from torch.nn import functional as F

from workload import SIZES, Variants, Work, train_step


class Block(nn.Module):
    """Pre-LayerNorm attention and MLP. With a cache, `x` is one position and the cache holds those before it."""

    def __init__(self, s: dict):
        super().__init__()
        width = s["width"]
        self.heads = s["heads"]
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, s["expansion"] * width), nn.Linear(s["expansion"] * width, width)

    def split(self, x: torch.Tensor) -> list[torch.Tensor]:
        batch, length, _ = x.shape
        return [part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=2)]

    def merge(self, x: torch.Tensor) -> torch.Tensor:
        return self.proj(x.transpose(1, 2).flatten(2))

    def mlp(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.split(self.norm1(x))
        return self.mlp(x + self.merge(F.scaled_dot_product_attention(q, k, v, is_causal=True)))

    def next(self, x: torch.Tensor, cache: tuple[torch.Tensor, torch.Tensor], position: int) -> torch.Tensor:
        q, k, v = self.split(self.norm1(x))
        keys, values = cache
        keys[:, :, position : position + 1], values[:, :, position : position + 1] = k, v
        seen = position + 1
        return self.mlp(x + self.merge(F.scaled_dot_product_attention(q, keys[:, :, :seen], values[:, :, :seen])))


class Gpt(nn.Module):
    """Learned positions, no dropout, an output projection of its own without bias."""

    def __init__(self, s: dict):
        super().__init__()
        self.tokens = nn.Embedding(s["vocabulary"], s["width"])
        self.positions = nn.Parameter(0.02 * torch.randn(s["context"], s["width"]))
        self.blocks = nn.ModuleList(Block(s) for _ in range(s["layers"]))
        self.norm = nn.LayerNorm(s["width"])
        self.head = nn.Linear(s["width"], s["vocabulary"], bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def next(self, token: torch.Tensor, caches: list, position: int) -> torch.Tensor:
        x = self.tokens(token) + self.positions[position]
        for block, cache in zip(self.blocks, caches):
            x = block.next(x, cache, position)
        return self.head(self.norm(x))


def training() -> Work:
    s = SIZES["gpt"]
    model = Gpt(s)
    tokens = torch.randint(s["vocabulary"], (s["batch"], s["context"] + 1))
    inputs, targets = tokens[:, :-1].contiguous(), tokens[:, 1:].reshape(-1)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=s["learningRate"], weight_decay=s["weightDecay"], fused=True
    )
    return train_step(model, lambda: F.cross_entropy(model(inputs).flatten(0, 1), targets), optimiser)


def sampling(batch: int) -> Work:
    """Draws tokens one by one from token 0, each from softmax(logits)."""
    s, count = SIZES["gpt"], SIZES["sampling"]["gpt"]["tokens"]
    model = Gpt(s)
    size = (batch, s["heads"], s["context"], s["width"] // s["heads"])

    @torch.inference_mode()
    def step() -> torch.Tensor:
        caches = [(torch.empty(size), torch.empty(size)) for _ in range(s["layers"])]
        drawn = [torch.zeros(batch, 1, dtype=torch.long)]
        for position in range(count):
            logits = model.next(drawn[-1], caches, position)
            drawn.append(torch.multinomial(logits[:, -1].softmax(-1), 1))
        return torch.cat(drawn[1:], dim=1)

    return Work(step)


def sampling_variants(batch: int) -> Variants:
    return {"eager": lambda: sampling(batch)}


WORKLOADS: dict[str, Variants] = {
    "gpt": {"eager": training},
    **{f"sampling/gpt-{batch}": sampling_variants(batch) for batch in SIZES["sampling"]["gpt"]["batches"]},
}
