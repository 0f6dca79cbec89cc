"""Classes of nodes from a graph's edges: a sparse matrix, layers with FloatTensor weights, and attention."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter

np.random.seed(11)
edges = np.array([[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3], [2, 3]])
features = torch.FloatTensor(np.random.rand(6, 5))
labels = torch.LongTensor([0, 0, 0, 1, 1, 1])
dense = np.eye(6, dtype=np.float32)
dense[edges[:, 0], edges[:, 1]] = dense[edges[:, 1], edges[:, 0]] = 1
dense /= dense.sum(1, keepdims=True)


def sparse_mx_to_torch_sparse_tensor(matrix):
    rows, cols = matrix.nonzero()
    indices = torch.from_numpy(np.vstack((rows, cols)).astype(np.int64))
    return torch.sparse_coo_tensor(indices, torch.from_numpy(matrix[rows, cols]), torch.Size(matrix.shape))


class GraphConvolution(Module):
    def __init__(self, in_features, out_features, bias=True):
        super(GraphConvolution, self).__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(torch.FloatTensor(in_features, out_features))
        if bias:
            self.bias = Parameter(torch.FloatTensor(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.weight.size(1))
        self.weight.data.uniform_(-stdv, stdv)
        self.weight.data.copy_(torch.from_numpy(np.random.uniform(-stdv, stdv, tuple(self.weight.shape))))
        if self.bias is not None:
            self.bias.data.zero_()

    def forward(self, input, adj):
        support = torch.mm(input, self.weight)
        output = torch.spmm(adj, support)
        return output + self.bias if self.bias is not None else output

    def __repr__(self):
        return self.__class__.__name__ + " (" + str(self.in_features) + " -> " + str(self.out_features) + ")"


class GCN(nn.Module):
    def __init__(self, nfeat, nhid, nclass, dropout):
        super(GCN, self).__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.gc2 = GraphConvolution(nhid, nclass, bias=False)
        self.dropout = dropout

    def forward(self, x, adj):
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.dropout, training=self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


def accuracy(output, labels):
    preds = output.max(1)[1].type_as(labels)
    correct = preds.eq(labels).double()
    return correct.sum() / len(labels)


adj = sparse_mx_to_torch_sparse_tensor(dense)
model = GCN(5, 8, int(labels.max()) + 1, 0.0)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=5e-4)
idx_train, idx_test = torch.LongTensor([0, 3, 5]), torch.LongTensor(range(1, 6))
for epoch in range(20):
    model.train()
    optimizer.zero_grad()
    output = model(features, adj)
    loss_train = F.nll_loss(output[idx_train], labels[idx_train])
    loss_train.backward()
    optimizer.step()
    if epoch % 5 == 4:
        model.eval()
        acc = accuracy(output[idx_test], labels[idx_test])
        print(
            "Epoch: {:04d}".format(epoch + 1),
            "loss: {:.4f}".format(loss_train.item()),
            "acc: {:.4f}".format(acc),
        )
print(model, adj.to_dense()[0], torch.sparse.mm(adj, features).sum(0))

weight, a = torch.ones(5, 4) * 0.1, torch.linspace(-1, 1, 8).view(8, 1)
h = torch.mm(features, weight)
e = F.leaky_relu(torch.matmul(h, a[:4]) + torch.matmul(h, a[4:]).T, 0.2)
attention = torch.where(torch.from_numpy(dense) > 0, e, -9e15 * torch.ones_like(e))
print(F.elu(torch.matmul(F.softmax(attention, dim=1), h))[:2])
