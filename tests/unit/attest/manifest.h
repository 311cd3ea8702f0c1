// SPDX-License-Identifier: MIT
//
// Reading the manifest of the collection of real evidence.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { COLUMNS = 16, COLUMN_FILE = 0, COLUMN_KIND = 1, COLUMN_SET = 6, COLUMN_TIME = 8, COLUMN_EXPECTED = 9 };
enum { COLUMN_ADVISORIES = 10, COLUMN_FMSPC = 11, COLUMN_IDENTITY = 12 };

// Calls `row` with the columns of every line. Missing ones are empty.
void each_row(const char *manifest, void (*row)(const char *columns[COLUMNS]));
// Fails the test unless `key` stands in the text with exactly these bytes in hexadecimal behind it.
void check_hex(const char *text, const char *key, const uint8_t *bytes, size_t size);
