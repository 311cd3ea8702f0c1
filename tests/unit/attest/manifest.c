// SPDX-License-Identifier: MIT
#include "tests/unit/attest/manifest.h"
#include "tests/unit/attest/check.h"

// Cuts a line at its tabs. Missing columns are empty.
static void split(char *line, const char *columns[COLUMNS])
{
    line[strcspn(line, "\n")] = 0;
    for (int i = 0; i < COLUMNS; i++) {
        char *tab = strchr(line, '\t');
        columns[i] = line;
        line = tab ? tab + 1 : line + strlen(line);
        if (tab)
            *tab = 0;
    }
}

void each_row(const char *manifest, void (*row)(const char *columns[COLUMNS]))
{
    char path[1024], line[16384];
    const char *columns[COLUMNS];
    snprintf(path, sizeof(path), EVIDENCE "/%s", manifest);
    FILE *f = fopen(path, "r");
    CHECK(f);
    while (fgets(line, sizeof(line), f)) {
        split(line, columns);
        row(columns);
    }
    fclose(f);
}

void check_hex(const char *text, const char *key, const uint8_t *bytes, size_t size)
{
    const char *p = strstr(text, key);
    CHECK(p);
    p += strlen(key);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        CHECK(sscanf(p + 2 * i, "%2x", &byte) == 1 && byte == bytes[i]);
    }
}
