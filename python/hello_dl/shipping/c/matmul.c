/* y (m, n) = a (m, k) b (k, n). */
static void matmul(const float *a, const float *b, float *y, int m, int k, int n)
{
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++)
            y[i * n + j] = 0;
        for (int c = 0; c < k; c++)
            for (int j = 0; j < n; j++)
                y[i * n + j] += a[i * k + c] * b[c * n + j];
    }
}
