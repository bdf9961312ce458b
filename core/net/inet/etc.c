// SPDX-License-Identifier: BSD-3-Clause
/*
 * What servers, and C libraries' resolvers, look for in /etc, where the root is in
 * memory and has no such file: hosts, resolv.conf, passwd and group. The name
 * servers become known later: resolv.conf is a link to /proc/net/pnp, as with
 * Linux's ip= (nfsroot.rst).
 */
#include "core/abi.h"
#include "core/lib.h"
#include "core/net/inet/inet.h"
#include "core/options.h"
#include "core/socket.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

enum { HOSTS_BYTES = 128 };

static bool is_there(const char *path)
{
	struct eft_walk walk;
	bool found;
	int error = eft_walk_from(&eft_root_mount, eft_root_mount.root, path,
				  EFT_WALK_ENTRY, false, &walk);

	if (error != 0)
		return error != -ENOENT;
	found = walk.dentry != NULL;
	eft_walk_end(&walk);
	return found;
}

/* (text) lives as long as the file. */
static int add_text(const char *path, const char *text)
{
	struct eft_node *node;

	if (is_there(path))
		return 0;
	node = eft_ramfs_create(S_IFREG | 0644);
	if (node == NULL)
		return -ENOMEM;
	eft_ramfs_borrow(node, text, eft_strlen(text));
	return eft_vfs_add(eft_root_mount.root, path, node, 0755, NULL);
}

static int add_hosts(void)
{
	static char text[HOSTS_BYTES + 64]; /* a host's name has 64 at most */

	eft_snprintf(text, sizeof(text),
		     "127.0.0.1\tlocalhost %s\n"
		     "::1\tlocalhost ip6-localhost ip6-loopback\n",
		     eft_options.hostname);
	return add_text("/etc/hosts", text);
}

/* Servers look for the user that they are to be. */
static int add_users(void)
{
	int error = add_text("/etc/passwd",
			     "root:x:0:0:root:/:/bin/sh\n"
			     "nobody:x:65534:65534:nobody:/:/bin/false\n");

	return error != 0 ? error
			  : add_text("/etc/group", "root:x:0:\n"
						   "nobody:x:65534:\n"
						   "nogroup:x:65534:\n");
}

static int add_resolv_conf(void)
{
	static const char link[] = "/proc/net/pnp";
	struct eft_node *node;

	if (is_there("/etc/resolv.conf"))
		return 0;
	node = eft_symlink_create(link, sizeof(link) - 1);
	return node == NULL ? -ENOMEM
			    : eft_vfs_add(eft_root_mount.root,
					  "/etc/resolv.conf", node, 0755, NULL);
}

int eft_net_names_add(void)
{
	int error = add_hosts();

	if (error == 0)
		error = add_users();
	if (error == 0 && !eft_inet_is_hosts())
		error = add_resolv_conf();
	return error;
}

/* In place of core/fs/procfs/system_guest.c's. */
int eft_proc_guest_init(void)
{
	int error = eft_proc_guest_init_now();

	return error == 0 ? eft_net_names_add() : error;
}
