"""Two pictures, one network: are they of one kind? An own dataset, transforms, collate_fn, workers and hooks."""

import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, Subset

draws = np.random.RandomState(4)
random.seed(4)
kinds = draws.randint(0, 3, 24)
pictures = (draws.rand(24, 6, 6) * 0.3 + np.eye(6)[None] * (kinds == 0)[:, None, None]).astype("float32")
pictures[kinds == 1, 2:4] += 0.8


class ToTensor(object):
    def __call__(self, sample):
        return {
            k: torch.from_numpy(v).unsqueeze(0) if k != "label" else torch.tensor(v)
            for k, v in sample.items()
        }


class Pairs(Dataset):
    def __init__(self, transform=None):
        super().__init__()
        self.transform = transform
        self.pairs = [(i, random.randrange(24)) for i in range(24)]

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        i, j = self.pairs[idx]
        sample = {"a": pictures[i], "b": pictures[j], "label": np.float32(kinds[i] != kinds[j])}
        return self.transform(sample) if self.transform else sample


def collate(batch):
    return (
        torch.stack([s["a"] for s in batch]),
        torch.stack([s["b"] for s in batch]),
        torch.stack([s["label"] for s in batch]),
    )


class SiameseNetwork(nn.Module):
    def __init__(self):
        super(SiameseNetwork, self).__init__()
        self.cnn = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(1, 4, kernel_size=3),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(4),
            nn.MaxPool2d(2),
        )
        self.fc = nn.Sequential(nn.Linear(36, 8), nn.PReLU(), nn.Linear(8, 2))

    def forward_once(self, x):
        output = self.cnn(x)
        return self.fc(output.view(output.size()[0], -1))

    def forward(self, input1, input2):
        return self.forward_once(input1), self.forward_once(input2)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin

    def forward(self, x0, x1, y):
        distance = F.pairwise_distance(x0, x1)
        return torch.mean(
            (1 - y) * torch.pow(distance, 2) + y * torch.pow(torch.clamp(self.margin - distance, min=0.0), 2)
        )


net, criterion = SiameseNetwork(), ContrastiveLoss()
for p in net.parameters():
    p.data = torch.from_numpy(draws.normal(0, 0.3, tuple(p.shape)).astype("float32"))
optimizer = torch.optim.RMSprop(net.parameters(), lr=0.005)
activation = {}


def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()

    return hook


handle = net.cnn[1].register_forward_hook(get_activation("conv"))
dataset = Pairs(transform=ToTensor())
loader = DataLoader(
    Subset(dataset, range(20)), batch_size=5, shuffle=False, num_workers=2, collate_fn=collate, drop_last=True
)
for epoch in range(4):
    running_loss = 0.0
    for i, (img0, img1, label) in enumerate(loader, 0):
        optimizer.zero_grad()
        output1, output2 = net(img0, img1)
        loss = criterion(output1, output2, label)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * img0.size(0)
    print("Epoch {} loss {:.4f}".format(epoch, running_loss / len(loader.sampler)))
handle.remove()
print({k: tuple(v.shape) for k, v in activation.items()}, len(loader), activation["conv"].mean())
net.eval()
sample = dataset[torch.tensor(21)]
with torch.no_grad():
    a, b = net(sample["a"][None], sample["b"][None])
anchor = nn.TripletMarginLoss(margin=1.0)(a, b, b.flip(1))
print(F.cosine_similarity(a, b), anchor, F.cosine_embedding_loss(a, b, torch.tensor([-1.0])))
