"""Train, save a checkpoint, go on; then load it and come to the same place again."""

import copy
import os
import tempfile

import numpy as np
import torch
from torch import nn

draws = np.random.RandomState(1)
x = torch.tensor(draws.randn(40, 5), dtype=torch.float)
y = x @ torch.arange(5.0).view(5, 1) + 0.1


def build():
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.95)
    return model, optimizer, scheduler


def train(model, optimizer, scheduler, epochs):
    for epoch in range(epochs):
        model.train()
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
    return loss.item()


model, optimizer, scheduler = build()
for p in model.parameters():
    p.data = torch.tensor(draws.randn(*p.shape), dtype=torch.float) * 0.4
print("%.4f" % train(model, optimizer, scheduler, 5))
best = copy.deepcopy(model.state_dict())
path = os.path.join(tempfile.mkdtemp(), "checkpoint.pth.tar")
torch.save(
    {
        "epoch": 5,
        "arch": "mlp",
        "state_dict": model.state_dict(),
        "best_acc1": 0.5,
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
    },
    path,
)
print("%.4f" % train(model, optimizer, scheduler, 5))

if os.path.isfile(path):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model, optimizer, scheduler = build()
    print(model.load_state_dict(checkpoint["state_dict"]))
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    print("=> loaded checkpoint (epoch {})".format(checkpoint["epoch"]), sorted(checkpoint))
print("%.4f" % train(model, optimizer, scheduler, 5))
model.load_state_dict(best)
model.eval()
print("%.4f" % nn.functional.mse_loss(model(x), y))
print({k: tuple(v.shape) for k, v in checkpoint["state_dict"].items()})
