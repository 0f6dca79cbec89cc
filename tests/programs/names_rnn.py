"""Tell from its letters what language a name is of, with a recurrent network built by hand, in the old style."""

import math
import random
import string

import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Variable

all_letters = string.ascii_lowercase + " .,;'"
n_letters = len(all_letters)
category_lines = {"Dutch": ["jansen", "de vries", "bakker"], "Italian": ["rossi", "bianchi", "o'leari"]}
all_categories = list(category_lines.keys())
random.seed(1)
draws = np.random.RandomState(1)


def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][all_letters.find(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(input_size + hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = self.i2h(combined)
        output = self.softmax(self.i2o(combined))
        return output, hidden

    def initHidden(self):
        return Variable(torch.zeros(1, self.hidden_size))


rnn = RNN(n_letters, 16, len(all_categories))
for p in rnn.parameters():
    p.data = torch.from_numpy(draws.uniform(-0.2, 0.2, tuple(p.size()))).float()
criterion = nn.NLLLoss()
learning_rate = 0.05


def train(category_tensor, line_tensor):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


current_loss = 0
for step in range(1, 61):
    category = random.choice(all_categories)
    line = random.choice(category_lines[category])
    category_tensor = Variable(torch.LongTensor([all_categories.index(category)]))
    output, loss = train(category_tensor, Variable(lineToTensor(line)))
    current_loss += loss
    if step % 20 == 0:
        top_n, top_i = output.data.topk(1)
        guess = all_categories[top_i[0][0]]
        print(
            "%d %.4f %s / %s %s" % (step, current_loss / 20, line, guess, "ok" if guess == category else "no")
        )
        current_loss = 0

with torch.no_grad():
    confusion = torch.zeros(2, 2)
    for i, lines in enumerate(category_lines.values()):
        for line in lines:
            hidden = rnn.initHidden()
            for letter in lineToTensor(line):
                output, hidden = rnn(letter, hidden)
            confusion[i][output.argmax(1).item()] += 1
    for i in range(2):
        confusion[i] = confusion[i] / confusion[i].sum()
print(confusion, math.floor(float(output.exp().sum()) + 0.5), rnn)
