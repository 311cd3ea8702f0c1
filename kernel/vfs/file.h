// SPDX-License-Identifier: MIT
//
// Open files, as seen by the rest of the kernel.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct fd_table;
struct node;
struct fs_state;

struct file *file_get(struct file *f);
void file_put(struct file *f); // NULL allowed
void file_put_mapped(struct file *f); // the reference of a mapping that is gone; NULL allowed

// Opens by absolute path or relative to the current directory, as open(2) with these flags.
int vfs_open(const char *path, int flags, unsigned mode, struct file **ret_file);
// Opens what is to be executed. -EACCES: it may not be; -EISDIR.
int vfs_open_program(const char *path, struct file **ret_file);
int node_open_program(struct node *n, struct file **ret_file);

// Reads into / writes from kernel memory. Bytes done (0 = end of file) or -errno. A block of the root filesystem
// that fails its hash check gives -EIO and one line on stderr naming the file.
long file_read_at(struct file *f, void *to, size_t size, uint64_t offset);
// As file_read_at, for a reader that keeps the bytes (a mapping): the file system then need not keep them too.
long file_map_at(struct file *f, void *to, size_t size, uint64_t offset);
long file_write_at(struct file *f, const void *from, size_t size, uint64_t offset);
// Where the bytes of a file are in a verified image, as long as nobody has written to it: what has the same place has the same
// bytes. False: they are not in one.
struct file_place {
    const void *image;
    uint64_t offset;
};
bool file_image_place(const struct file *f, struct file_place *ret);
bool file_damage_said(void); // a line about such a block, of any file, has been written
uint64_t file_size(struct file *f);
// Where offsets with this whence start (lseek(2)): SEEK_SET, SEEK_CUR, SEEK_END; -EINVAL: another.
long file_origin(struct file *f, int whence);
uint32_t file_mode(const struct file *f); // type and permissions, also where there is no node
enum { FILE_INO = 2 };                    // what has no node has this number
// Path of an open file as /proc shows it; length or -errno.
int file_path(struct file *f, char *to, size_t size);

// Descriptor tables.
int fd_table_new(struct fd_table **ret_table);
struct fd_table *fd_table_get(struct fd_table *t);
void fd_table_put(struct fd_table *t);
int fd_table_copy(struct fd_table *from, struct fd_table **ret_table);
void fd_table_close_on_exec(struct fd_table *t);
struct file *fd_get(int fd); // of the current process; takes a reference; NULL = EBADF
struct file *fd_get_io(int fd); // the same, but nothing opened with O_PATH: for all that touches the file itself
int fd_install(struct file *f, unsigned fd_flags, int lowest); // takes over the reference; descriptor or -EMFILE

int fs_state_new(struct fs_state **ret_fs); // cwd and root "/", umask 022
struct fs_state *fs_state_get(struct fs_state *fs);
void fs_state_put(struct fs_state *fs);
int fs_state_copy(struct fs_state *from, struct fs_state **ret_fs);

// Boot: mounts the root filesystem from the verified image, devfs, procfs; opens the console as fd 0, 1, 2 of a new table.
struct boot_info;
struct config;
void vfs_boot(const struct config *config, const struct boot_info *boot);
int vfs_open_console(struct fd_table *table);
// A file of the measured system image (e.g. "/attestd"); read only.
int system_image_open(const char *path, struct file **ret_file);
// A file of `size` zeros without a name in the tree: memfd, shared anonymous memory. name: how /proc shows it.
int memory_file_new(uint64_t size, const char *name, struct file **ret_file);
