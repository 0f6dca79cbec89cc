/* The plain recurrent layer over one sequence: a (steps, size) holds W_ih x + b_ih. y gets h after each step, then the
   last h. u has room for size numbers. `rectified`: max(x, 0) in place of tanh. */
static void rnn(const float *a, int steps, int size, const float *w_hh, const float *b_hh, const float *h0, int reverse,
                int rectified, float *u, float *y)
{
    float *h = y + steps * size;
    for (int i = 0; i < size; i++)
        h[i] = h0 ? h0[i] : 0;
    for (int t = 0; t < steps; t++) {
        const int at = reverse ? steps - 1 - t : t;
        linear(h, 1, size, w_hh, b_hh, u, size, 0);
        for (int i = 0; i < size; i++) {
            const float sum = a[at * size + i] + u[i];
            h[i] = y[at * size + i] = rectified ? (sum > 0 ? sum : 0) : tanhf(sum);
        }
    }
}
