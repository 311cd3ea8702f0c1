// SPDX-License-Identifier: MIT
//
// Where collateral comes from. The file is that of Intel's quote provider library: JSON with comments, or in its older
// form lines of NAME=value.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/pccs/pccs.h"

#define CONFIGURATION_FILE "/etc/sgx_default_qcnl.conf"
#define INTEL_SERVICE "https://api.trustedservices.intel.com/sgx/certification/v4"
#define API_PATH "/sgx/certification/v4"
enum { FILE_MAX = 65536 };

static int has_path(const char *url)
{
    const char *host = strstr(url, "://");
    return host && strchr(host + 3, '/') != NULL;
}

// Slashes at the end go; a URL of a host alone gets the API's path.
static int set_url(struct pccs_service *ret, const char *url, char *reason, size_t reason_size)
{
    size_t length = strlen(url);
    while (length && url[length - 1] == '/')
        length--;
    bool http = !strncasecmp(url, "https://", 8) || !strncasecmp(url, "http://", 7);
    if (!http || length > sizeof(ret->url) - sizeof(API_PATH)) {
        snprintf(reason, reason_size, "not a URL of a collateral service: %.80s", url);
        return -EINVAL;
    }
    memcpy(ret->url, url, length);
    ret->url[length] = 0;
    if (!has_path(ret->url))
        memcpy(ret->url + length, API_PATH, sizeof(API_PATH));
    return 0;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = f ? calloc(1, FILE_MAX + 1) : NULL;
    if (text)
        text[fread(text, 1, FILE_MAX, f)] = 0;
    if (f)
        fclose(f);
    return text;
}

// Finds NAME=value at the start of a line. Cuts the text behind the value.
static char *find_line(char *text, const char *name)
{
    size_t length = strlen(name);
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncasecmp(line, name, length) && line[length] == '=') {
            char *value = line + length + 1;
            value[strcspn(value, " \t\r\n")] = 0;
            return value;
        }
        if (!*line)
            break;
    }
    return NULL;
}

static int from_lines(char *text, struct pccs_service *ret, char *reason, size_t reason_size)
{
    char *copy = strdup(text), *secure = copy ? find_line(copy, "USE_SECURE_CERT") : NULL;
    if (secure && !strcasecmp(secure, "FALSE"))
        ret->verify_tls = false;
    free(copy);
    char *url = find_line(text, "PCCS_URL");
    if (url)
        return set_url(ret, url, reason, reason_size);
    snprintf(reason, reason_size, "it names no PCCS_URL");
    return -EINVAL;
}

static int from_json(const json_t *root, struct pccs_service *ret, char *reason, size_t reason_size)
{
    const char *url = json_string_value(json_object_get(root, "collateral_service"));
    if (!url)
        url = json_string_value(json_object_get(root, "pccs_url"));
    if (json_is_false(json_object_get(root, "use_secure_cert")))
        ret->verify_tls = false;
    if (url)
        return set_url(ret, url, reason, reason_size);
    snprintf(reason, reason_size, "it names no pccs_url");
    return -EINVAL;
}

// Lines that begin with "//" become blank, in place. JSON has no comments, the file of Intel's packages does.
static void blank_comments(char *text)
{
    for (char *line = text; *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n"), start = strspn(line, " \t\r");
        if (start < length && !strncmp(line + start, "//", 2))
            memset(line, ' ', length);
        line += length;
    }
}

static int from_file(char *text, struct pccs_service *ret, char *reason, size_t reason_size)
{
    char *json = strdup(text);
    if (!json)
        return -ENOMEM;
    blank_comments(json);
    bool is_json = json[strspn(json, " \t\r\n")] == '{';
    json_error_t error;
    json_t *root = is_json ? json_loads(json, 0, &error) : NULL;
    int r = -EINVAL;
    if (is_json && !root)
        snprintf(reason, reason_size, "line %d: %s", error.line, error.text);
    else
        r = root ? from_json(root, ret, reason, reason_size) : from_lines(text, ret, reason, reason_size);
    json_decref(root);
    free(json);
    return r;
}

int pccs_configuration(const char *file, struct pccs_service *ret, char *reason, size_t reason_size)
{
    const char *environment = getenv("MYST_PCCS_URL"), *path = file ? file : CONFIGURATION_FILE;
    struct pccs_service service = {.verify_tls = true};
    char why[256] = "";
    int r;
    if (environment && *environment) {
        r = set_url(&service, environment, reason, reason_size);
    } else {
        char *text = read_file(path);
        r = text ? from_file(text, &service, why, sizeof(why)) : set_url(&service, INTEL_SERVICE, why, sizeof(why));
        free(text);
        if (r)
            snprintf(reason, reason_size, "%s: %s", path, why);
    }
    if (!r)
        *ret = service;
    return r;
}
