// SPDX-License-Identifier: MIT
#include "kernel/rewrite/rewrite.h"

void rewrite_site(struct mm *mm, uint64_t address)
{
}
