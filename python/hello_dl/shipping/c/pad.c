/* Copies images (channels, height, width) into the middle of larger ones, whose edges are zeros. */
static void pad(const float *x, int channels, int height, int width, int top, int left, int oh, int ow, float *y)
{
    for (int i = 0; i < channels * oh * ow; i++)
        y[i] = 0;
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++)
                y[(c * oh + i + top) * ow + j + left] = x[(c * height + i) * width + j];
}
