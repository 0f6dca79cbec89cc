/* The mean of each window of each image. `padded`: zeros around the image count, too. */
static void avg_pool2d(const float *x, int images, int height, int width, int kh, int kw, int sy, int sx,
                       int top, int left, int padded, float *y, int oh, int ow)
{
    for (int n = 0; n < images; n++, x += height * width)
        for (int r = 0; r < oh; r++)
            for (int c = 0; c < ow; c++) {
                float sum = 0;
                int count = 0;
                for (int i = r * sy - top; i < r * sy - top + kh; i++)
                    for (int j = c * sx - left; j < c * sx - left + kw; j++) {
                        const int inside = i >= 0 && i < height && j >= 0 && j < width;
                        if (inside)
                            sum += x[i * width + j];
                        count += inside || (padded && i < height + top && j < width + left);
                    }
                *y++ = sum / (float)count;
            }
}
