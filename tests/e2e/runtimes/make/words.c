// SPDX-License-Identifier: MIT
#include <string.h>
#include "words.h"

int words_longest(int count, char **words)
{
    size_t longest = 0;
    for (int i = 0; i < count; i++)
        longest = strlen(words[i]) > longest ? strlen(words[i]) : longest;
    return (int)longest;
}
