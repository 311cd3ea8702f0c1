// SPDX-License-Identifier: MIT
#include <stdio.h>
#include "words.h"

int main(int argc, char **argv)
{
    printf("longest %d, primes %d, circle %.3f\n", words_longest(argc - 1, argv + 1), count_primes(), shape_circle(2));
    return 3;
}
