// SPDX-License-Identifier: MIT
#include <math.h>
#include "words.h"

double shape_circle(double radius)
{
    return acos(-1) * pow(radius, 2);
}
