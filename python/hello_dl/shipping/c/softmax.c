/* exp(x) divided by its sum, or the logarithm of that, along an axis of n numbers that are `step` apart. */
static void softmax(const float *x, int lines, int n, int step, int logarithm, float *y)
{
    for (int l = 0; l < lines; l++) {
        const int first = l / step * n * step + l % step;
        float most = -INFINITY, sum = 0;
        for (int i = 0; i < n; i++)
            if (x[first + i * step] > most)
                most = x[first + i * step];
        for (int i = 0; i < n; i++)
            sum += expf(x[first + i * step] - most);
        for (int i = 0; i < n; i++) {
            const float a = x[first + i * step] - most;
            y[first + i * step] = logarithm ? a - logf(sum) : expf(a) / sum;
        }
    }
}
