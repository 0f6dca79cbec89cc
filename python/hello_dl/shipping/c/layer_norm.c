/* Each line of `size` numbers gets mean 0 and variance 1; then it is multiplied by w and shifted by b, if there. */
static void layer_norm(const float *x, int lines, int size, const float *w, const float *b, float eps, float *y)
{
    for (int l = 0; l < lines; l++, x += size, y += size) {
        float mean = 0, variance = 0;
        for (int i = 0; i < size; i++)
            mean += x[i];
        mean /= (float)size;
        for (int i = 0; i < size; i++)
            variance += (x[i] - mean) * (x[i] - mean);
        const float scale = 1 / sqrtf(variance / (float)size + eps);
        for (int i = 0; i < size; i++)
            y[i] = (x[i] - mean) * scale * (w ? w[i] : 1) + (b ? b[i] : 0);
    }
}
