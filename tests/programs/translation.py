"""A sequence to another one: encoder, attention, decoder with teacher forcing; then the same by a Transformer."""

import math
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

SOS, EOS, MAX_LENGTH = 0, 1, 5
draws = np.random.RandomState(8)
random.seed(8)
sources = torch.from_numpy(draws.randint(2, 9, (6, MAX_LENGTH)))
targets = torch.cat([sources.flip(1)[:, :-1], torch.full((6, 1), EOS, dtype=torch.long)], dim=1)


def fill(module):
    for p in module.parameters():
        p.data.copy_(torch.from_numpy(draws.uniform(-0.4, 0.4, tuple(p.shape))))
    return module


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def forward(self, input):
        return self.gru(self.embedding(input))


class BahdanauAttention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.Wa, self.Ua = nn.Linear(hidden_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.Va = nn.Linear(hidden_size, 1)

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys))).squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=-1)
        return torch.bmm(weights, keys), weights


class AttnDecoderRNN(nn.Module):
    def __init__(self, hidden_size, output_size):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.attention = BahdanauAttention(hidden_size)
        self.gru = nn.GRU(2 * hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, encoder_outputs, encoder_hidden, target_tensor=None):
        decoder_input = torch.empty(encoder_outputs.size(0), 1, dtype=torch.long).fill_(SOS)
        decoder_hidden, outputs, attentions = encoder_hidden, [], []
        for i in range(MAX_LENGTH):
            context, weights = self.attention(decoder_hidden.permute(1, 0, 2), encoder_outputs)
            step = torch.cat((self.embedding(decoder_input), context), dim=2)
            output, decoder_hidden = self.gru(step, decoder_hidden)
            output = self.out(output)
            outputs.append(output)
            attentions.append(weights)
            if target_tensor is not None:
                decoder_input = target_tensor[:, i].unsqueeze(1)
            else:
                _, topi = output.topk(1)
                decoder_input = topi.squeeze(-1).detach()
        return F.log_softmax(torch.cat(outputs, dim=1), dim=-1), decoder_hidden, torch.cat(attentions, dim=1)


encoder, decoder = fill(EncoderRNN(9, 16)), fill(AttnDecoderRNN(16, 9))
optimizers = [torch.optim.Adam(part.parameters(), lr=0.01) for part in (encoder, decoder)]
criterion = nn.NLLLoss()
for epoch in range(12):
    for optimizer in optimizers:
        optimizer.zero_grad()
    forced = targets if random.random() < 0.8 else None
    outputs, _, _ = decoder(*encoder(sources), forced)
    loss = criterion(outputs.view(-1, outputs.size(-1)), targets.view(-1))
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    if epoch % 4 == 3:
        print(f"{epoch} {loss:.4f}")
encoder.eval(), decoder.eval()
with torch.no_grad():
    outputs, hidden, attentions = decoder(*encoder(sources[:2]))
print(attentions[0, 0], outputs[0, :, :2], hidden.shape)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, max_len: int = 10):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pe[:, : x.size(1)]


embed, head, where = fill(nn.Embedding(9, 16)), fill(nn.Linear(16, 9)), PositionalEncoding(16)
transformer = fill(nn.Transformer(16, 2, 1, 1, 32, dropout=0.0, batch_first=True))
parameters = [*embed.parameters(), *head.parameters(), *transformer.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.005, betas=(0.9, 0.98), eps=1e-9)
shifted = torch.cat([torch.full((6, 1), SOS), targets[:, :-1]], 1)
mask = nn.Transformer.generate_square_subsequent_mask(MAX_LENGTH)
padding = sources == 8
for epoch in range(6):
    out = transformer(
        where(embed(sources) * math.sqrt(16)),
        where(embed(shifted) * 4),
        tgt_mask=mask,
        src_key_padding_mask=padding,
    )
    loss = F.cross_entropy(head(out).transpose(1, 2), targets, label_smoothing=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 2:
        print(f"{epoch} {loss.item():.4f}")
print(mask[:2], head(out)[0, 0, :3].tolist())
