// SPDX-License-Identifier: MIT
//
// Setting pages aside while spaces take turns. A space that grew while others were set aside needs memory to be set aside itself, and
// there is no caller to refuse it to: it has lost pages, and its process dies of it as by Linux's out-of-memory killer.
#pragma once

#include <stdint.h>

struct mm;

// content: of a page of mm, in kernel memory, which is taken over; NULL: there was no memory for it.
void aside_keep(struct mm *mm, uint64_t page, uint8_t *content);
// Pages of mm are gone that cannot be had back.
void aside_lose(struct mm *mm);
