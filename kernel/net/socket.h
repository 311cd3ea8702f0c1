// SPDX-License-Identifier: MIT
//
// Sockets as the system calls see them; a family (kernel/net/<family>) implements socket_ops. Buffers are kernel memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sync/sync.h"

struct file;
struct poll_table;
struct socket;

enum { SOCKET_ADDRESS_MAX = 128, SOCKET_FILES_MAX = 253 }; // sizeof(struct sockaddr_storage), SCM_MAX_FD

struct socket_address {
    uint32_t size; // bytes, 0: none
    uint8_t bytes[SOCKET_ADDRESS_MAX];
};

struct socket_peer { // SO_PEERCRED, SCM_CREDENTIALS: struct ucred
    int32_t pid;
    uint32_t uid, gid;
};

// What goes with the bytes of a message.
struct socket_message {
    struct socket_address address; // send: to whom; receive: from whom
    struct file **files;           // with a reference each; kmalloc'ed list, or NULL
    unsigned file_count;
    struct socket_peer credentials;
    bool has_credentials; // send: the program says who it is; receive: they are to be shown
    int flags;            // receive, out: MSG_TRUNC ...
    bool wants_control;   // receive: the program has asked for what goes beside the bytes
    uint8_t *control;     // that, of the family's own kinds (control.h); kmalloc'ed, or NULL
    uint32_t control_size;
};

struct socket_option {
    uint32_t size; // bytes
    uint8_t bytes[512]; // the sources of a multicast group take 264
};

struct socket_ops {
    bool takes_control; // send: ancillary data of any kind but files and credentials
    int (*bind)(struct socket *s, const struct socket_address *a);
    int (*connect)(struct socket *s, const struct socket_address *a, bool wait);
    int (*listen)(struct socket *s, int backlog);
    int (*accept)(struct socket *s, bool wait, struct socket **ret);
    int (*name)(struct socket *s, bool peer, struct socket_address *ret);
    // Bytes, or -errno. Takes over the files of the message on success.
    long (*send)(struct socket *s, const void *from, size_t size, int flags, struct socket_message *m);
    long (*receive)(struct socket *s, void *to, size_t size, int flags, struct socket_message *m);
    int (*shutdown)(struct socket *s, int how);
    unsigned (*poll)(struct socket *s, struct poll_table *table);
    int (*take_error)(struct socket *s);       // SO_ERROR
    int (*waiting)(struct socket *s);          // FIONREAD
    int (*host_fd)(struct socket *s);          // see struct file_ops; NULL: there is none
    bool (*listening)(struct socket *s);       // SO_ACCEPTCONN
    int (*peer)(struct socket *s, struct socket_peer *ret); // SO_PEERCRED
    // Options of other levels, and those of SOL_SOCKET that the host keeps; NULL: there are none.
    bool own_socket_options; // SOL_SOCKET's are all kept here
    int (*set_option)(struct socket *s, int level, int name, const struct socket_option *value);
    int (*get_option)(struct socket *s, int level, int name, uint32_t room, struct socket_option *ret);
    void (*release)(struct socket *s);         // frees it
};

struct socket {
    const struct socket_ops *ops;
    int domain, type, protocol;
    bool pass_credentials;                      // SO_PASSCRED
    int send_size, receive_size;                // SO_SNDBUF, SO_RCVBUF as getsockopt tells: doubled
    uint64_t send_time_ns, receive_time_ns;     // SO_SNDTIMEO, SO_RCVTIMEO; 0: for ever
    int stamps;                                 // SO_TIMESTAMP and relatives: the option that was set, 0: none
    int plain[8];                               // options that are kept and change nothing (option.c)
};

// The deadline of an operation that begins now.
uint64_t socket_deadline(uint64_t time_ns);

// A new socket of a family. -EAFNOSUPPORT, -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -ENOMEM.
int socket_make(int domain, int type, int protocol, struct socket **ret);
// Two that are connected. -EOPNOTSUPP where the family has none.
int socket_make_pair(int domain, int type, int protocol, struct socket *ret[2]);
// An open file that owns the socket; flags: O_NONBLOCK.
int socket_file_new(struct socket *s, uint32_t flags, struct file **ret);
// The socket of a file; NULL: it is none.
struct socket *socket_of(const struct file *f);
void socket_files_put(struct socket_message *m); // and the rest that goes beside the bytes

void socket_prepare(struct socket *s, int domain, int type, int protocol); // what every new socket starts with

// getsockopt and setsockopt; room: bytes that the program has for the answer. Errors as there.
int socket_option_get(struct socket *s, int level, int name, uint32_t room, struct socket_option *ret);
int socket_option_set(struct socket *s, int level, int name, const struct socket_option *value);
