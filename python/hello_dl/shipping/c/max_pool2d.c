/* The largest number in each window of each image. */
static void max_pool2d(const float *x, int images, int height, int width, int kh, int kw, int sy, int sx,
                       int top, int left, float *y, int oh, int ow)
{
    for (int n = 0; n < images; n++, x += height * width)
        for (int r = 0; r < oh; r++)
            for (int c = 0; c < ow; c++) {
                float most = -INFINITY;
                for (int i = r * sy - top; i < r * sy - top + kh; i++)
                    for (int j = c * sx - left; j < c * sx - left + kw; j++)
                        if (i >= 0 && i < height && j >= 0 && j < width && x[i * width + j] > most)
                            most = x[i * width + j];
                *y++ = most;
            }
}
