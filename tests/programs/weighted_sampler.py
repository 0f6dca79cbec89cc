"""Draw rare classes as often as frequent ones, and compare with a weighted loss."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler, random_split


class Imbalanced(Dataset):
    def __init__(self, n=400):
        self.labels = torch.from_numpy((np.arange(n) % 10 == 0).astype(np.int64))
        self.data = torch.from_numpy(np.linspace(0, 1, n, dtype=np.float32)).unsqueeze(1)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        return self.data[idx], self.labels[idx]


torch.manual_seed(0)
dataset = Imbalanced()
counts = torch.bincount(dataset.labels)
weights = 1.0 / counts.float()
print(counts, weights)
sampler = WeightedRandomSampler(weights[dataset.labels], num_samples=len(dataset), replacement=True)
loader = DataLoader(dataset, batch_size=50, sampler=sampler, drop_last=True)
drawn = torch.cat([labels for _, labels in loader])
print(len(loader), drawn.shape, bool(0.4 < drawn.float().mean() < 0.6))

train, val = random_split(dataset, [0.8, 0.2], generator=torch.Generator().manual_seed(42))
print(len(train), len(val), sorted(set(train.indices) & set(val.indices)))
criterion = torch.nn.CrossEntropyLoss(weight=weights / weights.sum())
logits = torch.stack([dataset.data[:, 0], 1 - dataset.data[:, 0]], dim=1)
print(f"{criterion(logits, dataset.labels)}"[:7])
