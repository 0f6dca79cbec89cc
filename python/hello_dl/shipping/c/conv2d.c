/* A convolution of one image: y[o] = bias[o] + the sum over c, i, j of w[o][c][i][j] x[c][row + i dy][column + j dx].
   Weights lie in blocks of 8 output channels, [o / 8][c][i][j][o % 8]. The sums of 8 channels at 4 pixels stay in
   registers while c, i and j go by. x has its padding already. */
static void conv2d(const float *x, int width, int plane, int channels, const float *w, const float *bias,
                   int kh, int kw, int sy, int sx, int dy, int dx, float *y, int out, int oh, int ow)
{
    const int pixels = oh * ow;
    for (int o = 0; o < out; o += 8, w += channels * kh * kw * 8)
        for (int p = 0; p < pixels; p += 4) {
            const float *at[4], *v = w;
            float sums[4][8];
            for (int k = 0; k < 4; k++) {
                const int q = p + k < pixels ? p + k : pixels - 1;
                at[k] = x + q / ow * sy * width + q % ow * sx;
            }
            const float *a = at[0], *b = at[1], *c = at[2], *d = at[3];
            four a0 = LOAD(bias + o), b0 = a0, c0 = a0, d0 = a0;
            four a4 = LOAD(bias + o + 4), b4 = a4, c4 = a4, d4 = a4;
            for (int channel = 0; channel < channels; channel++)
                for (int i = 0; i < kh; i++)
                    for (int j = 0; j < kw; j++, v += 8) {
                        const int here = channel * plane + i * dy * width + j * dx;
                        const four w0 = LOAD(v), w4 = LOAD(v + 4);
                        ADD_PRODUCT(a0, w0, a[here]);
                        ADD_PRODUCT(a4, w4, a[here]);
                        ADD_PRODUCT(b0, w0, b[here]);
                        ADD_PRODUCT(b4, w4, b[here]);
                        ADD_PRODUCT(c0, w0, c[here]);
                        ADD_PRODUCT(c4, w4, c[here]);
                        ADD_PRODUCT(d0, w0, d[here]);
                        ADD_PRODUCT(d4, w4, d[here]);
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
                for (int k = 0; k < 4 && p + k < pixels; k++)
                    y[(o + n) * pixels + p + k] = sums[k][n];
        }
}
