/* y = W x + bias for each line x of `in` numbers. Weights lie in blocks of 8 outputs, [o / 8][in][o % 8]; four sums
   for each output, of every fourth input, do not wait for each other. y's lines are `step` numbers apart. */
static void linear(const float *x, int lines, int in, const float *w, const float *bias, float *y, int out, int step)
{
    for (int o = 0; o < out; o += 8, w += in * 8)
        for (int l = 0; l < lines; l++) {
            const float *a = x + l * in, *v = w, zero[4] = {0, 0, 0, 0};
            float sums[4][8];
            int i = 0;
            four a0 = LOAD(bias + o), a4 = LOAD(bias + o + 4);
            four b0 = LOAD(zero), c0 = b0, d0 = b0, b4 = b0, c4 = b0, d4 = b0;
            for (; i + 3 < in; i += 4, v += 32) {
                ADD_PRODUCT(a0, LOAD(v), a[i]);
                ADD_PRODUCT(a4, LOAD(v + 4), a[i]);
                ADD_PRODUCT(b0, LOAD(v + 8), a[i + 1]);
                ADD_PRODUCT(b4, LOAD(v + 12), a[i + 1]);
                ADD_PRODUCT(c0, LOAD(v + 16), a[i + 2]);
                ADD_PRODUCT(c4, LOAD(v + 20), a[i + 2]);
                ADD_PRODUCT(d0, LOAD(v + 24), a[i + 3]);
                ADD_PRODUCT(d4, LOAD(v + 28), a[i + 3]);
            }
            for (; i < in; i++, v += 8) {
                ADD_PRODUCT(a0, LOAD(v), a[i]);
                ADD_PRODUCT(a4, LOAD(v + 4), a[i]);
            }
            STORE(sums[0], a0);
            STORE(sums[0] + 4, a4);
            STORE(sums[1], b0);
            STORE(sums[1] + 4, b4);
            STORE(sums[2], c0);
            STORE(sums[2] + 4, c4);
            STORE(sums[3], d0);
            STORE(sums[3] + 4, d4);
            for (int n = 0; n < 8 && o + n < out; n++)
                y[l * step + o + n] = sums[0][n] + sums[1][n] + sums[2][n] + sums[3][n];
        }
}
