// SPDX-License-Identifier: MIT
#pragma once
int words_longest(int count, char **words);
int count_primes(void);
double shape_circle(double radius);
