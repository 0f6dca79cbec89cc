"""Own datasets with workers: items of unequal length, a collate function, and a stream."""

import math

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import ConcatDataset, DataLoader, Dataset, IterableDataset, Subset, get_worker_info


class Words(Dataset):
    """Each item is a word as numbers, its length, and the word itself."""

    def __init__(self, words, transform=None):
        self.words, self.transform = words, transform

    def __len__(self):
        return len(self.words)

    def __getitem__(self, idx):
        word = self.words[idx]
        sample = {"codes": torch.tensor([ord(c) - 96 for c in word]), "word": word, "n": len(word)}
        return self.transform(sample) if self.transform else sample


def collate(batch):
    lengths = torch.tensor([item["n"] for item in batch])
    order = lengths.argsort(descending=True)
    codes = pad_sequence([batch[i]["codes"] for i in order], batch_first=True)
    return codes, lengths[order], [batch[i]["word"] for i in order]


class Numbers(IterableDataset):
    def __init__(self, start, end):
        self.start, self.end = start, end

    def __iter__(self):
        info = get_worker_info()
        first, last = self.start, self.end
        if info is not None:
            share = int(math.ceil((last - first) / float(info.num_workers)))
            first = self.start + info.id * share
            last = min(first + share, self.end)
        return iter(range(first, last))


def seed_worker(worker_id):
    np.random.seed(torch.initial_seed() % 2**32)


if __name__ == "__main__":
    words = Words("a deep network learns from very many small examples".split())
    loader = DataLoader(
        words,
        batch_size=4,
        shuffle=False,
        num_workers=2,
        collate_fn=collate,
        worker_init_fn=seed_worker,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=True,
        prefetch_factor=2,
    )
    for epoch in range(2):
        for codes, lengths, text in loader:
            print(codes.shape, lengths.tolist(), text, codes[0, :3])
    both = ConcatDataset([words, Subset(words, [0, 2])])
    shuffled = DataLoader(both, batch_size=3, shuffle=True, num_workers=2, collate_fn=collate)
    print(len(both), len(shuffled), sorted(w for _, _, text in shuffled for w in text))
    print(sorted(torch.cat(list(DataLoader(Numbers(3, 11), num_workers=2, batch_size=2))).tolist()))
    plain = next(iter(DataLoader(Words(["ab", "cd"]), batch_size=2)))
    print(sorted(plain), plain["codes"], plain["word"], plain["n"])
