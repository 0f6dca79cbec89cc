/* A gated recurrent unit over one sequence: a (steps, 3 size) holds W_ih x + b_ih. y gets h after each step, then the
   last h. u has room for 3 size numbers. The gates are in the order r, z, n. */
static void gru(const float *a, int steps, int size, const float *w_hh, const float *b_hh, const float *h0, int reverse,
                float *u, float *y)
{
    float *h = y + steps * size;
    for (int i = 0; i < size; i++)
        h[i] = h0 ? h0[i] : 0;
    for (int t = 0; t < steps; t++) {
        const int at = reverse ? steps - 1 - t : t;
        const float *g = a + at * 3 * size;
        linear(h, 1, size, w_hh, b_hh, u, 3 * size, 0);
        for (int i = 0; i < size; i++) {
            const float r = 1 / (1 + expf(-g[i] - u[i])), z = 1 / (1 + expf(-g[size + i] - u[size + i]));
            const float n = tanhf(g[2 * size + i] + r * u[2 * size + i]);
            h[i] = y[at * size + i] = n + z * (h[i] - n);
        }
    }
}
