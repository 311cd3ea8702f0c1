// SPDX-License-Identifier: MIT
//
// Python's compiled files name the time of their source (PEP 552). An archive has no times of its own, so that the same input gives the
// same bytes; sources whose compiled file stands beside them get the time that it names, or Python would compile everything again.
#pragma once

#include "cli/archive/tree.h"

void bytecode_times(struct tree *t);
