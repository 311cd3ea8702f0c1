// SPDX-License-Identifier: MIT
//
// The software SGX's platform: it is made once, its quotes and collateral hold by every link, and forgeries are
// refused.
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/platform/check.h"

enum { PROCESSES = 8 };

static char home[PATH_MAX];

static struct emu_platform *open_platform(void)
{
    struct emu_platform *p = NULL;
    char reason[256] = "";
    int r = emu_platform_open(&p, reason, sizeof(reason));
    if (r)
        fprintf(stderr, "open: %s: %s\n", strerror(-r), reason);
    CHECK(!r && p);
    return p;
}

void make_report(struct emu_platform *p, uint8_t fill, struct sgx_report *ret)
{
    struct sgx_identity id = {.attributes = {SGX_ATTRIBUTE_INIT | SGX_ATTRIBUTE_DEBUG | SGX_ATTRIBUTE_MODE64BIT, 7},
                              .miscselect = SGX_MISCSELECT_EXINFO,
                              .isvprodid = 3,
                              .isvsvn = 4};
    struct sgx_targetinfo target;
    uint8_t data[64], keyid[32];
    memset(id.mrenclave, fill, sizeof(id.mrenclave));
    memset(id.mrsigner, fill + 1, sizeof(id.mrsigner));
    memset(data, fill + 2, sizeof(data));
    memset(keyid, fill + 3, sizeof(keyid));
    CHECK(!emu_platform_target_info(p, &target));
    CHECK(!sgx_create_report(emu_platform_secrets(p), &id, &target, data, keyid, ret));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static void new_home(void)
{
    if (home[0])
        CHECK(!nftw(home, remove_entry, 8, FTW_DEPTH | FTW_PHYS));
    snprintf(home, sizeof(home), "%s/platform-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    CHECK(mkdtemp(home));
    setenv("XDG_DATA_HOME", home, 1);
}

static void path_of(const char *name, char ret[PATH_MAX])
{
    CHECK(snprintf(ret, PATH_MAX, "%.2000s/mystikos/%s", home, name) < PATH_MAX);
}

static void test_stays_the_same(void)
{
    new_home();
    struct emu_platform *a = open_platform(), *b = open_platform();
    struct sgx_targetinfo t1, t2;
    CHECK(!memcmp(emu_platform_secrets(a), emu_platform_secrets(b), sizeof(struct sgx_key_secrets)));
    CHECK(!emu_platform_target_info(a, &t1) && !emu_platform_target_info(b, &t2) && !memcmp(&t1, &t2, sizeof(t1)));
    // A report on one is a quote by the other.
    struct sgx_report report;
    static uint8_t quote[QUOTE_MAX];
    size_t size;
    make_report(a, 9, &report);
    CHECK(!emu_platform_quote(b, &report, quote, sizeof(quote), &size));
    emu_platform_close(a);
    emu_platform_close(b);
    // Another user's platform is another one.
    struct sgx_key_secrets old = *emu_platform_secrets(a = open_platform());
    emu_platform_close(a);
    new_home();
    a = open_platform();
    CHECK(memcmp(&old, emu_platform_secrets(a), sizeof(old)));
    CHECK(emu_platform_quote(a, &report, quote, sizeof(quote), &size) == -EACCES);
    emu_platform_close(a);
}

static void test_modes(void)
{
    char path[PATH_MAX];
    struct stat st;
    new_home();
    emu_platform_close(open_platform());
    path_of("", path);
    CHECK(!stat(path, &st) && (st.st_mode & 07777) == 0700);
    path_of("platform", path);
    CHECK(!stat(path, &st) && (st.st_mode & 07777) == 0600);
    path_of("platform.new", path);
    CHECK(stat(path, &st) < 0 && errno == ENOENT);
}

static void refused(int error)
{
    struct emu_platform *p = NULL;
    char reason[4096] = "";
    int r = emu_platform_open(&p, reason, sizeof(reason));
    if (r != error)
        fprintf(stderr, "expected %s, got %s (%s)\n", strerror(-error), strerror(-r), reason);
    CHECK(r == error && !p && strstr(reason, "platform"));
}

static void test_refuses_damage(void)
{
    char path[PATH_MAX];
    struct stat st;
    uint8_t byte;
    new_home();
    emu_platform_close(open_platform());
    path_of("platform", path);
    CHECK(!stat(path, &st));
    for (off_t at = 0; at < st.st_size; at += st.st_size / 50) {
        int fd = open(path, O_RDWR);
        CHECK(fd >= 0 && pread(fd, &byte, 1, at) == 1);
        byte ^= 1;
        CHECK(pwrite(fd, &byte, 1, at) == 1);
        refused(-EBADMSG);
        byte ^= 1;
        CHECK(pwrite(fd, &byte, 1, at) == 1);
        close(fd);
    }
    emu_platform_close(open_platform());
    CHECK(!chmod(path, 0640));
    refused(-EPERM);
    CHECK(!chmod(path, 0600) && !truncate(path, st.st_size - 1));
    refused(-EBADMSG);
    CHECK(!unlink(path) && !symlink("/etc/passwd", path));
    refused(-ELOOP);
}

static void test_fallback(void)
{
    char path[64];
    struct stat st;
    new_home();
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", home, 1);
    emu_platform_close(open_platform());
    char in_home[PATH_MAX];
    CHECK(snprintf(in_home, sizeof(in_home), "%.2000s/.local/share/mystikos/platform", home) > 0);
    CHECK(!stat(in_home, &st));
    snprintf(path, sizeof(path), "/var/tmp/mystikos-%u", (unsigned)geteuid());
    bool was_there = !stat(path, &st);
    setenv("HOME", "/proc/nowhere", 1);
    emu_platform_close(open_platform());
    CHECK(!stat(path, &st) && (st.st_mode & 07777) == 0700 && st.st_uid == geteuid());
    if (!was_there)
        CHECK(!nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS));
}

static void test_quote(void)
{
    static uint8_t quote[QUOTE_MAX];
    struct sgx_report report;
    size_t size = 0;
    new_home();
    struct emu_platform *p = open_platform();
    make_report(p, 0x11, &report);
    CHECK(emu_platform_quote(p, &report, quote, 0, &size) == -ENOBUFS && size == emu_platform_quote_size(p));
    CHECK(emu_platform_quote(p, &report, quote, size - 1, &size) == -ENOBUFS);
    CHECK(!emu_platform_quote(p, &report, quote, size, &size));
    check_quote(quote, size, &report);
    emu_platform_close(p);
}

static void test_forgeries(void)
{
    static uint8_t quote[QUOTE_MAX];
    struct sgx_report report;
    size_t size;
    new_home();
    struct emu_platform *p = open_platform();
    make_report(p, 0x22, &report);
    uint8_t *bytes = (uint8_t *)&report;
    for (size_t i = 0; i < sizeof(report); i++) {
        bytes[i] ^= 0x10;
        CHECK(emu_platform_quote(p, &report, quote, sizeof(quote), &size) == -EACCES);
        bytes[i] ^= 0x10;
    }
    CHECK(!emu_platform_quote(p, &report, quote, sizeof(quote), &size));
    emu_platform_close(p);
}

static void test_collateral(void)
{
    static uint8_t quote[QUOTE_MAX], collateral[COLLATERAL_MAX_SIZE], again[COLLATERAL_MAX_SIZE];
    struct collateral_request request = {.ca = 1, .tee_type = 0}, other;
    struct sgx_report report;
    size_t quote_size, size = 0, again_size;
    new_home();
    struct emu_platform *p = open_platform();
    memcpy(request.fmspc, emu_platform_fmspc, sizeof(request.fmspc));
    make_report(p, 0x33, &report);
    CHECK(!emu_platform_quote(p, &report, quote, sizeof(quote), &quote_size));
    CHECK(emu_platform_collateral(p, &request, collateral, 16, &size) == -ENOBUFS && size > 1000);
    CHECK(!emu_platform_collateral(p, &request, collateral, size, &size));
    check_collateral(collateral, size, quote);
    check_verdict(quote, quote_size, collateral, size);
    CHECK(!emu_platform_collateral(p, &request, again, sizeof(again), &again_size));
    CHECK(again_size == size && !memcmp(again, collateral, size));
    other = request;
    other.fmspc[0]++;
    CHECK(emu_platform_collateral(p, &other, collateral, sizeof(collateral), &size) == -ENOENT);
    other = request;
    other.ca = 0;
    CHECK(emu_platform_collateral(p, &other, collateral, sizeof(collateral), &size) == -ENOENT);
    other = request;
    other.tee_type = 1;
    CHECK(emu_platform_collateral(p, &other, collateral, sizeof(collateral), &size) == -ENOENT);
    emu_platform_close(p);
}

// All processes start at once in a new directory and must see one platform.
static void test_processes(void)
{
    int go[2], answers[2];
    struct sgx_key_secrets secrets[PROCESSES];
    new_home();
    CHECK(!pipe(go) && !pipe(answers));
    for (unsigned i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid)
            continue;
        char c;
        close(go[1]);
        CHECK(read(go[0], &c, 1) == 0); // end of file: go
        struct emu_platform *p = open_platform();
        CHECK(write(answers[1], emu_platform_secrets(p), sizeof(secrets[0])) == (ssize_t)sizeof(secrets[0]));
        emu_platform_close(p);
        _exit(0);
    }
    close(go[1]);
    for (unsigned i = 0; i < PROCESSES; i++)
        CHECK(read(answers[0], &secrets[i], sizeof(secrets[i])) == (ssize_t)sizeof(secrets[i]));
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        CHECK(wait(&status) > 0 && status == 0);
        CHECK(!memcmp(&secrets[0], &secrets[i], sizeof(secrets[0])));
    }
    close(go[0]);
    close(answers[0]);
    close(answers[1]);
}

int main(void)
{
    test_stays_the_same();
    test_modes();
    test_refuses_damage();
    test_quote();
    test_forgeries();
    test_collateral();
    test_processes();
    test_fallback();
    CHECK(!nftw(home, remove_entry, 8, FTW_DEPTH | FTW_PHYS));
    return 0;
}
