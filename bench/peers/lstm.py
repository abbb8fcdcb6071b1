"""A character-level LSTM language model: one training step over whole sequences."""

import torch
from torch import nn
from torch.nn import functional as F

from workload import SIZES, Variants, Work, train_step


class CharacterLstm(nn.Module):
    """Embedding, LSTM, linear. The second bias of PyTorch's LSTM only adds to the first, so it stays zero and untrained."""

    def __init__(self, s: dict):
        super().__init__()
        self.embedding = nn.Embedding(s["vocabulary"], s["embedding"])
        self.lstm = nn.LSTM(s["embedding"], s["hidden"])
        self.head = nn.Linear(s["hidden"], s["vocabulary"])
        nn.init.zeros_(self.lstm.bias_hh_l0).requires_grad_(False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(self.embedding(tokens))[0])


def training() -> Work:
    s = SIZES["lstm"]
    model = CharacterLstm(s)
    tokens = torch.randint(s["vocabulary"], (s["steps"] + 1, s["batch"]))  # time first, as PyTorch likes it
    inputs, targets = tokens[:-1].contiguous(), tokens[1:].reshape(-1)
    optimiser = torch.optim.Adam(
        [p for p in model.parameters() if p.requires_grad], lr=s["learningRate"], fused=True
    )
    return train_step(model, lambda: F.cross_entropy(model(inputs).flatten(0, 1), targets), optimiser)


WORKLOADS: dict[str, Variants] = {"lstm": {"eager": training}}
