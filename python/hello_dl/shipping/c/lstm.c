/* Long short-term memory over one sequence: a (steps, 4 size) holds W_ih x + b_ih. y gets h after each step, then the
   last h and the last c. u has room for 4 size numbers. The gates are in the order i, f, g, o. */
static void lstm(const float *a, int steps, int size, const float *w_hh, const float *b_hh, const float *h0,
                 const float *c0, int reverse, float *u, float *y)
{
    float *h = y + steps * size, *c = h + size;
    for (int i = 0; i < size; i++) {
        h[i] = h0 ? h0[i] : 0;
        c[i] = c0 ? c0[i] : 0;
    }
    for (int t = 0; t < steps; t++) {
        const int at = reverse ? steps - 1 - t : t;
        linear(h, 1, size, w_hh, b_hh, u, 4 * size, 0);
        for (int i = 0; i < 4 * size; i++)
            u[i] += a[at * 4 * size + i];
        for (int i = 0; i < size; i++) {
            const float in = 1 / (1 + expf(-u[i])), forget = 1 / (1 + expf(-u[size + i]));
            c[i] = forget * c[i] + in * tanhf(u[2 * size + i]);
            h[i] = y[at * size + i] = tanhf(c[i]) / (1 + expf(-u[3 * size + i]));
        }
    }
}
