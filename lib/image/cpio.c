// SPDX-License-Identifier: MIT
#include "lib/image/cpio.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "abi/image.h"

enum { HEADER_SIZE = 110, MAGIC_SIZE = 6, FIELD_SIZE = 8, FIELDS = 13, ALIGNMENT = 4, NAME_MAX_SIZE = CPIO_HEADER_MOST - HEADER_SIZE };
enum { INO, MODE, UID, GID, NLINK, MTIME, FILESIZE, DEVMAJOR, DEVMINOR, RDEVMAJOR, RDEVMINOR, NAMESIZE, CHECK };

static const char trailer_name[] = "TRAILER!!!";

static int refuse(const char **reason, const char *why)
{
    *reason = why;
    return -EINVAL;
}

static size_t aligned(size_t n)
{
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static bool parse_hex(const uint8_t *p, uint32_t *ret)
{
    uint32_t v = 0;
    for (int i = 0; i < FIELD_SIZE; i++) {
        uint8_t c = p[i];
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            v = v << 4 | (uint32_t)(c - 'A' + 10);
        else
            return false;
    }
    *ret = v;
    return true;
}

// What a file that does not start like a newc archive probably is.
static const char *foreign(const uint8_t *p, size_t left)
{
    if (left >= 2 && p[0] == 0x1f && p[1] == 0x8b)
        return "compressed with gzip: decompress it first";
    if (left >= 6 && !memcmp(p, "\xfd" "7zXZ", 6))
        return "compressed with xz: decompress it first";
    if (left >= 4 && !memcmp(p, "\x28\xb5\x2f\xfd", 4))
        return "compressed with zstd: decompress it first";
    if (left >= 2 && ((p[0] == 0xc7 && p[1] == 0x71) || (p[0] == 0x71 && p[1] == 0xc7)))
        return "a cpio archive in the old binary format (make it with: cpio -o -H newc)";
    if (left >= 6 && !memcmp(p, "070707", 6))
        return "a cpio archive in the old portable format (make it with: cpio -o -H newc)";
    return "not a cpio archive (newc)";
}

static int check_padding(const struct cpio_reader *r, const char **reason)
{
    size_t index = (r->at + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE * IMAGE_BLOCK_SIZE;
    if (index < r->size && r->size - index >= sizeof(IMAGE_INDEX_MAGIC) - 1 &&
        !memcmp(r->archive + index, IMAGE_INDEX_MAGIC, sizeof(IMAGE_INDEX_MAGIC) - 1))
        return refuse(reason, "truncated: the end of the image, with its hash tree, is missing");
    for (size_t i = r->at; i < r->size; i++)
        if (r->archive[i])
            return refuse(reason, "there is data behind the end of the archive");
    return 0;
}

static bool checksum_matches(const uint8_t *data, uint64_t size, uint32_t expected)
{
    uint32_t sum = 0;
    for (uint64_t i = 0; i < size; i++)
        sum += data[i];
    return sum == expected;
}

// The name behind the header; sets r->at behind it.
static int read_name(struct cpio_reader *r, uint32_t name_size, struct cpio_entry *ret, const char **reason)
{
    size_t name = r->at + HEADER_SIZE;
    if (!name_size || name_size > NAME_MAX_SIZE) // padded names included
        return refuse(reason, "corrupt: impossible length of a name");
    if (name_size > r->size - name)
        return refuse(reason, "truncated: the archive ends inside a name");
    ret->name = (const char *)r->archive + name;
    ret->name_length = strnlen(ret->name, name_size);
    for (size_t i = ret->name_length; i < name_size; i++)
        if (ret->name[i])
            return refuse(reason, "corrupt: a name with a NUL byte");
    if (ret->name_length == name_size)
        return refuse(reason, "corrupt: a name without its final NUL byte");
    r->at = aligned(name + name_size);
    return 0;
}

int cpio_next(struct cpio_reader *r, struct cpio_entry *ret, const char **reason)
{
    uint32_t f[FIELDS];
    if (r->at > r->size || r->size - r->at < HEADER_SIZE)
        return refuse(reason, r->at || r->size ? "truncated: the archive ends without a trailer" : "empty file");
    const uint8_t *header = r->archive + r->at;
    bool crc = !memcmp(header, "070702", MAGIC_SIZE);
    if (!crc && memcmp(header, "070701", MAGIC_SIZE))
        return refuse(reason, r->at ? "corrupt: no header where the next entry should be" : foreign(header, r->size));
    for (int i = 0; i < FIELDS; i++)
        if (!parse_hex(header + MAGIC_SIZE + i * FIELD_SIZE, &f[i]))
            return refuse(reason, "corrupt: a header with something else than hexadecimal digits");
    int e = read_name(r, f[NAMESIZE], ret, reason);
    if (e)
        return e;
    if (ret->name_length == sizeof(trailer_name) - 1 && !memcmp(ret->name, trailer_name, sizeof(trailer_name))) {
        r->at = r->at < r->size ? r->at : r->size;
        return check_padding(r, reason);
    }
    if (r->at > r->size || f[FILESIZE] > r->size - r->at)
        return refuse(reason, "truncated: the archive ends inside a file");
    ret->mode = f[MODE], ret->uid = f[UID], ret->gid = f[GID], ret->nlink = f[NLINK];
    ret->mtime = f[MTIME], ret->ino = f[INO];
    ret->dev_major = f[DEVMAJOR], ret->dev_minor = f[DEVMINOR];
    ret->rdev_major = f[RDEVMAJOR], ret->rdev_minor = f[RDEVMINOR];
    ret->data = r->at, ret->size = f[FILESIZE];
    // Writers give a symbolic link none.
    if (crc && ret->size && (ret->mode & S_IFMT) == S_IFREG && !checksum_matches(r->archive + ret->data, ret->size, f[CHECK]))
        return refuse(reason, "corrupt: a file does not match its checksum");
    r->at = aligned(r->at + f[FILESIZE]);
    return 1;
}

static void write_hex(uint8_t *to, uint32_t v)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = FIELD_SIZE; i-- > 0; v >>= 4)
        to[i] = (uint8_t)digits[v & 15];
}

static size_t name_size(uint64_t at, const struct cpio_entry *e)
{
    size_t size = e->name_length + 1;
    if ((e->mode & S_IFMT) != S_IFREG || !e->size)
        return size;
    size_t over = (size_t)(at + HEADER_SIZE + size) % IMAGE_BLOCK_SIZE;
    return over ? size + IMAGE_BLOCK_SIZE - over : size;
}

size_t cpio_write_header(uint8_t *to, uint64_t at, const struct cpio_entry *e)
{
    const uint32_t f[FIELDS] = {
        [INO] = e->ino, [MODE] = e->mode, [UID] = e->uid, [GID] = e->gid, [NLINK] = e->nlink, [MTIME] = e->mtime,
        [FILESIZE] = (uint32_t)e->size, [DEVMAJOR] = e->dev_major, [DEVMINOR] = e->dev_minor,
        [RDEVMAJOR] = e->rdev_major, [RDEVMINOR] = e->rdev_minor, [NAMESIZE] = (uint32_t)name_size(at, e)};
    size_t size = aligned(HEADER_SIZE + f[NAMESIZE]);
    memset(to, 0, size);
    memcpy(to, "070701", MAGIC_SIZE);
    for (int i = 0; i < FIELDS; i++)
        write_hex(to + MAGIC_SIZE + i * FIELD_SIZE, f[i]);
    memcpy(to + HEADER_SIZE, e->name, e->name_length);
    return size;
}

size_t cpio_write_trailer(uint8_t *to)
{
    const struct cpio_entry trailer = {.name = trailer_name, .name_length = sizeof(trailer_name) - 1, .nlink = 1};
    return cpio_write_header(to, 0, &trailer);
}
