// SPDX-License-Identifier: MIT
//
// Puts the file tree together at boot.
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/fs/dev/dev.h"
#include "kernel/fs/proc/proc.h"
#include "kernel/fs/root/image.h"
#include "kernel/fs/root/root.h"
#include "kernel/fs/tty/pty.h"
#include "kernel/tee/tee.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/tree.h"

// Usually it is there, and often as mkdir(1) made it for the image; it is for everybody.
static void make_temporary(void)
{
    struct node *n;
    (void)tree_make(NULL, "/tmp", S_IFDIR | 01777, 0);
    if (tree_walk(NULL, "/tmp", WALK_DIRECTORY, &n))
        return;
    n->mode |= 01777;
    node_put(n);
}

void vfs_boot(const struct config *config, const struct boot_info *boot)
{
    struct verified_image *image = image_open("root file system", &config->rootfs, &boot->rootfs);
    struct node *root = image ? root_mount(image) : NULL;
    if (!root)
        target_exit(1); // said by image_open
    root->mode |= 0555; // the folder that the image was made of is often one of mktemp(1), and closed to users who are not root
    tree_set_root(root);
    make_temporary();
    dev_mount();
    pty_mount();
    attestation_mount();
    proc_mount();
}
