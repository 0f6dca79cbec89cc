/* y = softmax(scale Q K' + mask) V of one head. Lines of q, k, v and y are q_step and so on numbers apart; the mask's
   are m_step, its numbers m_one apart. `seen`: true where a query may look; `more`: numbers to add. p has room for one
   number for each key. A query that may look nowhere gives zeros. */
static void attention(const float *q, int queries, int size, int q_step, const float *k, int keys, int k_step,
                      const float *v, int wide, int v_step, float scale, int causal, const unsigned char *seen,
                      const float *more, int m_step, int m_one, float *p, float *y, int y_step)
{
    for (int t = 0; t < queries; t++) {
        float most = -INFINITY, sum = 0;
        for (int s = 0; s < keys; s++) {
            p[s] = 0;
            for (int i = 0; i < size; i++)
                p[s] += q[t * q_step + i] * k[s * k_step + i];
            p[s] = p[s] * scale + (more ? more[t * m_step + s * m_one] : 0);
            if ((causal && s > t) || (seen && !seen[t * m_step + s * m_one]))
                p[s] = -INFINITY;
            if (p[s] > most)
                most = p[s];
        }
        for (int i = 0; i < wide; i++)
            y[t * y_step + i] = 0;
        if (most == -INFINITY)
            continue;
        for (int s = 0; s < keys; s++)
            sum += p[s] = expf(p[s] - most);
        for (int s = 0; s < keys; s++)
            for (int i = 0; i < wide; i++)
                y[t * y_step + i] += p[s] / sum * v[s * v_step + i];
    }
}
