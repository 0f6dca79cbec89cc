"""Train a small convolutional network on pictures of bars, with the options of a usual MNIST script."""

import argparse

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, 1)
        self.conv2 = nn.Conv2d(4, 8, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(0.25)
        self.fc = nn.Linear(8 * 5 * 5, 4)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(self.dropout(x), 1)
        return F.log_softmax(self.fc(x), dim=1)


def bars(n, seed):
    draws = np.random.RandomState(seed)
    x, y = draws.rand(n, 1, 12, 12).astype(np.float32) * 0.3, draws.randint(0, 4, n)
    for image, label in zip(x, y):
        image[0, 2 + 2 * label] += 0.8
    return TensorDataset(torch.from_numpy(x), torch.tensor(y, dtype=torch.long))


def train(args, model, device, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        if batch_idx % args.log_interval == 0:
            done = batch_idx * len(data)
            print(
                "Train Epoch: {} [{}/{}]\tLoss: {:.4f}".format(epoch, done, len(loader.dataset), loss.item())
            )


def test(model, device, loader):
    model.eval()
    loss, correct = 0, 0
    with torch.no_grad():
        for data, target in loader:
            output = model(data.to(device))
            loss += F.nll_loss(output, target, reduction="sum").item()
            correct += output.argmax(dim=1, keepdim=True).eq(target.view_as(output[:, :1])).sum().item()
    loss /= len(loader.dataset)
    print(f"Test set: Average loss: {loss:.4f}, Accuracy: {correct}/{len(loader.dataset)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--log-interval", type=int, default=4)
    parser.add_argument("--no-cuda", action="store_true", default=False)
    args = parser.parse_args()
    torch.manual_seed(1)
    device = torch.device("cuda" if not args.no_cuda and torch.cuda.is_available() else "cpu")
    kwargs = {"num_workers": 1, "pin_memory": True} if device.type == "cuda" else {}
    model = Net().to(device)
    print(model)
    model.dropout.p = 0.0
    draws = np.random.RandomState(0)
    for p in model.parameters():
        p.data = torch.tensor(draws.randn(*p.shape) * 0.1, dtype=torch.float32)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(1, args.epochs + 1):
        train(args, model, device, DataLoader(bars(160, 1), batch_size=20, **kwargs), optimizer, epoch)
        test(model, device, DataLoader(bars(60, 2), batch_size=30, **kwargs))
        scheduler.step()
    print("lr", round(optimizer.param_groups[0]["lr"], 6))


if __name__ == "__main__":
    main()
