// SPDX-License-Identifier: MIT
//
// libcurl is loaded when it is needed: it and what it depends on would take longer to load than an enclave to start,
// and most runs fetch nothing.
#include "host/pccs/fetch.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/collateral.h"

enum { CONNECT_SECONDS = 10, TOTAL_SECONDS = 60, REDIRECTS = 3, HTTP_OK = 200, HTTP_NOT_FOUND = 404 };

static struct {
    const char *error; // why there is no library; NULL: there is
    __typeof__(&curl_global_init) global_init;
    __typeof__(&curl_easy_init) init;
    __typeof__(&curl_easy_setopt) setopt;
    __typeof__(&curl_easy_perform) perform;
    __typeof__(&curl_easy_getinfo) getinfo;
    __typeof__(&curl_easy_header) header;
    __typeof__(&curl_easy_unescape) unescape;
    __typeof__(&curl_free) free;
    __typeof__(&curl_easy_strerror) strerror;
    __typeof__(&curl_easy_cleanup) cleanup;
} lib;

static void *symbol(void *library, const char *name)
{
    void *ret = dlsym(library, name);
    if (!ret)
        lib.error = "libcurl.so.4 is too old; 7.84 or newer is needed";
    return ret;
}

static void load_library(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        lib.error = "libcurl.so.4 is not installed";
        return;
    }
    lib.global_init = symbol(library, "curl_global_init");
    lib.init = symbol(library, "curl_easy_init");
    lib.setopt = symbol(library, "curl_easy_setopt");
    lib.perform = symbol(library, "curl_easy_perform");
    lib.getinfo = symbol(library, "curl_easy_getinfo");
    lib.header = symbol(library, "curl_easy_header");
    lib.unescape = symbol(library, "curl_easy_unescape");
    lib.free = symbol(library, "curl_free");
    lib.strerror = symbol(library, "curl_easy_strerror");
    lib.cleanup = symbol(library, "curl_easy_cleanup");
    if (!lib.error && lib.global_init(CURL_GLOBAL_DEFAULT))
        lib.error = "libcurl cannot start";
}

// More than the limit ends the transfer.
static size_t receive(char *data, size_t one, size_t count, void *context)
{
    struct fetched *f = context;
    size_t size = one * count;
    if (size > COLLATERAL_MAX_SIZE - f->size)
        return 0;
    uint8_t *grown = realloc(f->body, f->size + size + 1);
    if (!grown)
        return 0;
    memcpy(grown + f->size, data, size);
    f->body = grown;
    f->size += size;
    return size;
}

static int configure(CURL *curl, const char *url, bool verify_tls, struct fetched *f)
{
    return lib.setopt(curl, CURLOPT_URL, url) || lib.setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") ||
           lib.setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") ||
           lib.setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) ||
           lib.setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS) ||
           lib.setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) ||
           lib.setopt(curl, CURLOPT_TIMEOUT, (long)TOTAL_SECONDS) ||
           lib.setopt(curl, CURLOPT_NOSIGNAL, 1L) ||
           lib.setopt(curl, CURLOPT_SSL_VERIFYPEER, verify_tls ? 1L : 0L) ||
           lib.setopt(curl, CURLOPT_SSL_VERIFYHOST, verify_tls ? 2L : 0L) ||
           lib.setopt(curl, CURLOPT_WRITEFUNCTION, receive) || lib.setopt(curl, CURLOPT_WRITEDATA, f);
}

static int to_errno(CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return -ETIMEDOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return -EHOSTUNREACH;
    case CURLE_OUT_OF_MEMORY:
        return -ENOMEM;
    default:
        return -EPROTO;
    }
}

static char *issuer_chain(CURL *curl, const char *const *names)
{
    struct curl_header *header;
    for (; *names; names++) {
        if (lib.header(curl, *names, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
            continue;
        int length = 0;
        char *decoded = lib.unescape(curl, header->value, 0, &length), *ret = NULL;
        if (decoded && length > 0 && strlen(decoded) == (size_t)length) // a zero byte is no text
            ret = strdup(decoded);
        lib.free(decoded);
        return ret;
    }
    return NULL;
}

static int check_answer(CURL *curl, const char *const *chain_headers, struct fetched *f, char *reason, size_t size)
{
    long status = 0;
    lib.getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != HTTP_OK) {
        snprintf(reason, size, "it answers with HTTP status %ld", status);
        return status == HTTP_NOT_FOUND ? -ENOENT : -EPROTO;
    }
    if (chain_headers)
        f->chain = issuer_chain(curl, chain_headers);
    if (f->size && (!chain_headers || f->chain))
        return 0;
    snprintf(reason, size, f->size ? "its answer has no header %s" : "its answer is empty",
             chain_headers ? chain_headers[0] : "");
    return -EPROTO;
}

int pccs_fetch(const char *url, bool verify_tls, const char *const *chain_headers, struct fetched *ret, char *reason,
               size_t reason_size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct fetched f = {0};
    pthread_once(&once, load_library);
    if (lib.error) {
        snprintf(reason, reason_size, "%s", lib.error);
        return -ENOSYS;
    }
    CURL *curl = lib.init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (curl && !configure(curl, url, verify_tls, &f))
        code = lib.perform(curl);
    int r = code ? to_errno(code) : check_answer(curl, chain_headers, &f, reason, reason_size);
    if (code)
        snprintf(reason, reason_size, "%s",
                 code == CURLE_WRITE_ERROR ? "its answer is too large" : lib.strerror(code));
    lib.cleanup(curl);
    if (!r) {
        *ret = f;
        return 0;
    }
    free(f.body);
    free(f.chain);
    return r;
}
