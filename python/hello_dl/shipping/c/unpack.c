/* Turns codes of 8 bits into weights: middle + step code, for each of 8 output channels. */
static void unpack(const signed char *codes, const float *step, const float *middle, int count, float *w)
{
    for (int i = 0; i < count; i++)
        for (int n = 0; n < 8; n++)
            w[8 * i + n] = middle[n] + step[n] * (float)codes[8 * i + n];
}
