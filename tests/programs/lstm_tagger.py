"""Tag words with a bidirectional LSTM over packed sequences, then with characters and an embedding bag."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

draws = np.random.RandomState(2)
training_data = [
    ("the dog ate the apple".split(), ["DET", "NN", "V", "DET", "NN"]),
    ("everybody read that book".split(), ["NN", "V", "DET", "NN"]),
    ("she reads".split(), ["NN", "V"]),
]
word_to_ix = {"<pad>": 0}
for sent, tags in training_data:
    for word in sent:
        if word not in word_to_ix:
            word_to_ix[word] = len(word_to_ix)
tag_to_ix = {"DET": 0, "NN": 1, "V": 2}


def prepare_sequence(seq, to_ix):
    return torch.tensor([to_ix[w] for w in seq], dtype=torch.long)


class LSTMTagger(nn.Module):
    def __init__(self, embedding_dim, hidden_dim, vocab_size, tagset_size):
        super(LSTMTagger, self).__init__()
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, batch_first=True, bidirectional=True)
        self.hidden2tag = nn.Linear(2 * hidden_dim, tagset_size)

    def forward(self, sentences, lengths):
        embeds = self.word_embeddings(sentences)
        packed = pack_padded_sequence(embeds, lengths.cpu(), batch_first=True, enforce_sorted=False)
        packed_out, (hidden, cell) = self.lstm(packed)
        lstm_out, out_lengths = pad_packed_sequence(packed_out, batch_first=True, padding_value=0.0)
        assert torch.equal(out_lengths, lengths)
        return F.log_softmax(self.hidden2tag(lstm_out), dim=-1), torch.cat((hidden[-2], hidden[-1]), dim=1)


model = LSTMTagger(6, 6, len(word_to_ix), len(tag_to_ix))
for name, param in model.named_parameters():
    if "bias" in name:
        nn.init.constant_(param, 0.0)
    else:
        param.data.copy_(torch.from_numpy(draws.uniform(-0.5, 0.5, tuple(param.shape))))
model.word_embeddings.weight.data[0].zero_()
loss_function = nn.NLLLoss(ignore_index=-1, reduction="sum")
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

sentences = [prepare_sequence(sent, word_to_ix) for sent, _ in training_data]
lengths = torch.tensor([len(s) for s in sentences])
inputs = pad_sequence(sentences, batch_first=True)
targets = pad_sequence([prepare_sequence(t, tag_to_ix) for _, t in training_data], True, padding_value=-1)
mask = inputs.ne(0)
for epoch in range(25):
    model.zero_grad()
    tag_scores, last = model(inputs, lengths)
    loss = loss_function(tag_scores.view(-1, tag_scores.shape[-1]), targets.view(-1)) / mask.sum()
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 5 == 0:
        predicted = tag_scores.argmax(-1)
        correct = ((predicted == targets) & mask).sum().item()
        print("epoch: %2d loss: %.4f correct: %d/%d" % (epoch + 1, loss.item(), correct, mask.sum()))
print(model.word_embeddings.weight.grad[0].abs().sum(), last.shape, inputs, targets[1:])
names = {i: t for t, i in tag_to_ix.items()}
with torch.no_grad():
    for s, n, row in zip(sentences, lengths, model(inputs, lengths)[0]):
        print([names[int(i)] for i in row[:n].max(1)[1]])

bag = nn.EmbeddingBag(4, 3, mode="mean")
bag.weight = nn.Parameter(torch.arange(12.0).reshape(4, 3))
print(
    bag(torch.tensor([0, 1, 3, 3]), torch.tensor([0, 2])).data,
    nn.Embedding.from_pretrained(torch.eye(3))(torch.tensor([2])),
)
