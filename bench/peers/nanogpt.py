"""nanoGPT's configuration for a CPU, trained with PyTorch: prints the training time and the validation loss.

    python bench/peers/nanogpt.py path/to/tinyshakespeare.txt [--steps 2000] [--threads 2] [--seed 0]

4 layers, 4 heads, width 128, context 64, batch 12, 2,000 steps, learning rate 1e-3 to 1e-4 by cosine after 100 steps of
warm-up, beta2 0.99, weight decay 0.1 on matrices, clipping at 1, no dropout, no biases, tied embeddings: karpathy/nanoGPT,
README, "I only have a macbook". Characters; the first 90 % train, the rest validates. The loss is the mean over windows
that follow one another through the whole validation part, each token predicted from the up to 64 before it in its window;
`sampo train gpt --data tiny-shakespeare --preset nano-cpu` reports the same figure as natsPerToken.
"""

import argparse
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12
PEAK, LEAST, WARMUP = 1e-3, 1e-4, 100


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, bias=False), nn.LayerNorm(WIDTH, bias=False)
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH, bias=False), nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        q, k, v = (
            part.view(batch, length, HEADS, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).split(WIDTH, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).contiguous().view(batch, length, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, vocabulary: int):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH, bias=False)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                last = name.endswith(("proj.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * LAYERS) if last else 0.02)

    def forward(self, tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))


def rate(step: int, steps: int) -> float:
    if step < WARMUP:
        return PEAK * (step + 1) / (WARMUP + 1)
    done = (step - WARMUP) / max(1, steps - WARMUP)
    return LEAST + 0.5 * (1 + math.cos(math.pi * done)) * (PEAK - LEAST)


@torch.inference_mode()
def validation_loss(model: Gpt, data: torch.Tensor) -> float:
    count = (len(data) - 1) // CONTEXT
    inputs, targets = data[: count * CONTEXT].view(-1, CONTEXT), data[1 : count * CONTEXT + 1].view(-1, CONTEXT)
    parts = [model(inputs[i : i + 100], targets[i : i + 100]) * len(inputs[i : i + 100]) for i in range(0, count, 100)]
    return float(sum(parts)) / count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    with open(args.text, encoding="utf-8") as file:
        text = file.read()
    numbers = {character: i for i, character in enumerate(sorted(set(text)))}
    data = torch.tensor([numbers[character] for character in text])
    cut = int(0.9 * len(data))
    train, valid = data[:cut], data[cut:]
    model = Gpt(len(numbers))
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.99), fused=True)
    offsets = torch.arange(CONTEXT)
    start = time.perf_counter()
    for step in range(args.steps):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, args.steps)
        at = torch.randint(len(train) - CONTEXT, (BATCH, 1)) + offsets
        loss = model(train[at], train[at + 1])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    seconds = time.perf_counter() - start
    result = {
        "steps": args.steps,
        "seconds": round(seconds, 2),
        "millisecondsPerStep": round(1000 * seconds / args.steps, 2),
        "parameters": sum(p.numel() for p in model.parameters()),
        "validationLoss": round(validation_loss(model, valid), 4),
        "torch": torch.__version__,
        "threads": args.threads,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
