/* NAME picture.pgm: prints the classes, the most probable first.
   cc -O2 -DNAME_MAIN NAME.c -lm -o NAME */
#include <stdio.h>
#include <stdlib.h>

/* Returns the next number of a PGM's header, past spaces and comments; -1 if there is none. */
static int next_number(FILE *file)
{
    int c = fgetc(file), number = 0;
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '#') {
        if (c == '#')
            while (c != '\n' && c != EOF)
                c = fgetc(file);
        c = fgetc(file);
    }
    if (c < '0' || c > '9')
        return -1;
    for (; c >= '0' && c <= '9' && number < 1000000; c = fgetc(file))
        number = 10 * number + c - '0';
    return number;
}

int main(int count, char **arguments)
{
    static float image[HEIGHT * WIDTH], answers[CLASSES];
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : 0;
    if (!file) {
        fprintf(stderr, count == 2 ? "%s: cannot be opened\n" : "%s picture.pgm\n", arguments[count == 2]);
        return 1;
    }
    const int p = fgetc(file), kind = fgetc(file);
    const int width = next_number(file), height = next_number(file), white = next_number(file);
    int good = p == 'P' && (kind == '5' || kind == '2') && width == WIDTH && height == HEIGHT && white > 0 && white < 256;
    for (int i = 0; good && i < HEIGHT * WIDTH; i++) {
        const int pixel = kind == '5' ? fgetc(file) : next_number(file);
        good = pixel >= 0 && pixel <= white;
        image[i] = (float)pixel / (float)white;
    }
    fclose(file);
    if (!good) {
        fprintf(stderr, "%s: needs a PGM of %d x %d pixels with up to 256 greys\n", arguments[1], WIDTH, HEIGHT);
        return 1;
    }
    const float corners = image[0] + image[WIDTH - 1] + image[(HEIGHT - 1) * WIDTH] + image[HEIGHT * WIDTH - 1];
    for (int i = 0; corners > 2 && i < HEIGHT * WIDTH; i++) /* dark ink on bright paper: 0 is paper, 1 is ink */
        image[i] = 1 - image[i];
    NAME(image, answers);
    for (int line = 0; line < CLASSES; line++) {
        int best = 0;
        for (int i = 1; i < CLASSES; i++)
            if (answers[i] > answers[best])
                best = i;
        printf("%s %.4f\n", NAME_classes[best], answers[best]);
        answers[best] = -INFINITY;
    }
    return 0;
}
