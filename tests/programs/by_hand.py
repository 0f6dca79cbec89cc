"""A network of plain tensors: embeddings, batch normalisation and every gradient by hand, checked with autograd."""

import matplotlib
import torch
import torch.nn.functional as F

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

words = ["emma", "olivia", "ava", "isabella", "sophia", "mia"]
chars = sorted(set("".join(words)))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
itos = {i: s for s, i in stoi.items()}
block_size, n_embd, n_hidden, vocab_size = 3, 4, 12, len(itos)

N = torch.zeros((vocab_size, vocab_size), dtype=torch.int32)
X, Y = [], []
for w in words:
    context = [0] * block_size
    for ch in w + ".":
        ix = stoi[ch]
        N[context[-1], ix] += 1
        X.append(context)
        Y.append(ix)
        context = context[1:] + [ix]
X, Y = torch.tensor(X), torch.tensor(Y)
P = (N + 1).float()
P /= P.sum(1, keepdims=True)
log_likelihood = sum(torch.log(P[c, y]) for c, y in zip(X[:, -1], Y))
print(
    f"{log_likelihood=}", f"{-log_likelihood / len(Y):.4f}", X.shape, "".join(itos[i.item()] for i in Y[:5])
)

g = torch.Generator().manual_seed(2147483647)
count = lambda *shape: (torch.arange(float(torch.tensor(shape).prod())).reshape(shape) * 7.3).sin()  # noqa: E731
C, W1, W2 = (
    count(vocab_size, n_embd),
    count(n_embd * block_size, n_hidden) * 0.3,
    count(n_hidden, vocab_size) * 0.1,
)
b2, bngain, bnbias = (
    torch.zeros(vocab_size),
    torch.ones((1, n_hidden)) * 1.1,
    torch.zeros((1, n_hidden)) + 0.1,
)
parameters = [C, W1, W2, b2, bngain, bnbias]
for p in parameters:
    p.requires_grad = True
assert torch.randn((3, 2), generator=g).shape == torch.randint(0, 5, (3, 2), generator=g).shape
lossi, ud = [], []
for i in range(4):
    Xb, Yb = X[i * 6 : i * 6 + 12], Y[i * 6 : i * 6 + 12]
    n = Xb.shape[0]
    emb = C[Xb]
    embcat = emb.view(emb.shape[0], -1)
    hprebn = embcat @ W1
    bnmeani = 1 / n * hprebn.sum(0, keepdim=True)
    bndiff = hprebn - bnmeani
    bnvar = 1 / (n - 1) * (bndiff**2).sum(0, keepdim=True)
    bnvar_inv = (bnvar + 1e-5) ** -0.5
    bnraw = bndiff * bnvar_inv
    h = torch.tanh(bngain * bnraw + bnbias)
    logits = h @ W2 + b2
    logit_maxes = logits.max(1, keepdim=True).values
    counts = (logits - logit_maxes).exp()
    probs = counts * counts.sum(1, keepdims=True) ** -1
    logprobs = probs.log()
    loss = -logprobs[range(n), Yb].mean()
    for p in parameters:
        p.grad = None
    for t in [logprobs, probs, counts, logits, h, bnraw, hprebn, embcat, emb]:
        t.retain_grad()
    loss.backward()

    with torch.no_grad():
        dlogits = F.softmax(logits, 1)
        dlogits[range(n), Yb] -= 1
        dlogits /= n
        dh = dlogits @ W2.T
        dhpreact = (1.0 - h**2) * dh
        dbnraw_sum = dhpreact.sum(0)
        xhat_sum = (dhpreact * bnraw).sum(0)
        dhprebn = bngain * bnvar_inv / n * (n * dhpreact - dbnraw_sum - n / (n - 1) * bnraw * xhat_sum)
        demb = (dhprebn @ W1.T).view(emb.shape)
        dC = torch.zeros_like(C)
        for k in range(Xb.shape[0]):
            for j in range(Xb.shape[1]):
                dC[Xb[k, j]] += demb[k, j]
        for name, mine, t in [("logits", dlogits, logits), ("hprebn", dhprebn, hprebn), ("C", dC, C)]:
            print(f"{name:8s} | approximate: {str(torch.allclose(mine, t.grad, atol=1e-6)):5s}")
        for p, grad in zip(parameters[:3], [dC, embcat.T @ dhprebn, h.T @ dlogits]):
            p.data += -0.5 * grad
        ud.append([((0.5 * p.grad).std() / p.data.std()).log10().item() for p in parameters[:3]])
    lossi.append(loss.log10().item())
print([f"{v:.3f}" for v in lossi], torch.tensor(ud).mean(0), (h.abs() > 0.97).float().mean())
plt.figure(figsize=(4, 2))
plt.plot(torch.tensor(lossi).view(-1, 2).mean(1))
plt.imshow(h.abs() > 0.99, cmap="gray", interpolation="nearest")
hy, hx = torch.histogram(h.detach(), bins=4, density=True)
plt.plot(hx[:-1].detach(), hy.detach())
plt.hist(hprebn.view(-1).tolist(), 5)
plt.close("all")
print(hy, hx.shape)
