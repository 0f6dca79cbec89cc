"""Learn a sentence letter by letter with a GRU, then write it, as character-level tutorials do."""

import numpy as np
import torch
from torch import nn

text = "hello deep learning, hello gradients. " * 2
chars = sorted(set(text))
index = {c: i for i, c in enumerate(chars)}
data = torch.LongTensor([index[c] for c in text])


class CharRNN(nn.Module):
    def __init__(self, n_chars, hidden_size, n_layers=1):
        super().__init__()
        self.hidden_size, self.n_layers = hidden_size, n_layers
        self.encoder = nn.Embedding(np.int64(n_chars), hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, n_layers)
        self.decoder = nn.Linear(hidden_size, n_chars)

    def forward(self, input, hidden):
        encoded = self.encoder(input).unsqueeze(1)
        output, hidden = self.rnn(encoded, hidden)
        return self.decoder(output.squeeze(1)), hidden

    def init_hidden(self):
        return torch.zeros(self.n_layers, 1, self.hidden_size)


model = CharRNN(len(chars), 24)
draws = np.random.RandomState(3)
for name, p in model.named_parameters():
    with torch.no_grad():
        p.copy_(torch.from_numpy(draws.uniform(-0.3, 0.3, size=tuple(p.shape)).astype(np.float32)))
print(sum(p.numel() for p in model.parameters()), [n for n, _ in model.named_parameters()][:3])

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(60):
    start = (step * 7) % (len(text) - 33)
    inputs, targets = data[start : start + 32], data[start + 1 : start + 33]
    optimizer.zero_grad()
    logits, _ = model(inputs, model.init_hidden())
    loss = criterion(logits, targets)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 20 == 0:
        print(f"step {step:3d} loss {loss:.3f} norm {norm:.3f}")

hidden, letter, written = model.init_hidden(), torch.tensor([index["h"]]), "h"
with torch.no_grad():
    for _ in range(12):
        logits, hidden = model(letter, hidden)
        probabilities = torch.softmax(logits / 0.5, dim=-1)
        letter = probabilities.topk(1)[1].view(-1)
        written += chars[letter.item()]
print(repr(written))
