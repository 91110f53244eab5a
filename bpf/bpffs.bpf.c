// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check whether a bpf filesystem persists until reboot: whether it is mounted in init's mount
 * namespace too. A container that mounts its own loses all pins with its last process. From inside
 * the container a new mount looks like the host's.
 *
 * The program reads the list of mounts without its lock. A concurrent change can hide init's mount,
 * but cannot fake one.
 */
#include <bqdisc/kernel.bpf.h>
#include <bqdisc/loop.bpf.h>

/* Maximum mounts of one filesystem that are examined: each container has one. */
#define MOUNTS_MAX (1 << 20)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mnt_namespace;

struct list_head {
	struct list_head *next;
};

struct mount {
	struct mount *mnt_next_for_sb;
	struct mnt_namespace *mnt_ns;
};

struct super_block {
	struct mount *s_mounts;
};

/* Layout up to 6.17, where both lists are of struct list_head. */
struct mount___6_17 {
	struct list_head mnt_instance;
};

struct super_block___6_17 {
	struct list_head s_mounts;
};

struct inode {
	struct super_block *i_sb;
};

struct file {
	struct inode *f_inode;
};

struct fdtable {
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct task_struct {
	struct files_struct *files;
	struct nsproxy *nsproxy;
};

#pragma clang attribute pop

/* Return the task of PID in the initial PID namespace, or NULL. */
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct query {
	u32 fd; /* of any file on the filesystem, open in the calling process */
};

static __always_inline struct mnt_namespace *init_mounts(void)
{
	struct task_struct *init = bpf_task_from_pid(1);
	struct mnt_namespace *ns;

	if (!init)
		return NULL;
	ns = BPF_CORE_READ(init, nsproxy, mnt_ns);
	bpf_task_release(init);
	return ns;
}

static __always_inline struct super_block *filesystem_of(u32 fd)
{
	struct task_struct *me = (void *)bpf_get_current_task();
	struct file **files = BPF_CORE_READ(me, files, fdt, fd), *file = NULL;

	if (bpf_probe_read_kernel(&file, sizeof(file), files + fd))
		return NULL;
	return BPF_CORE_READ(file, f_inode, i_sb);
}

static __always_inline bool is_mounted_in(struct super_block *sb, struct mnt_namespace *ns)
{
	struct mount *mount = BPF_CORE_READ(sb, s_mounts);
	u32 i;

	bpf_for(i, 0, MOUNTS_MAX) {
		if (!mount)
			break;
		if (BPF_CORE_READ(mount, mnt_ns) == ns)
			return true;
		mount = BPF_CORE_READ(mount, mnt_next_for_sb);
	}
	return false;
}

static __always_inline bool is_mounted_in_6_17(struct super_block *sb, struct mnt_namespace *ns)
{
	struct super_block___6_17 *old = (void *)sb;
	u32 offset = bpf_core_field_offset(struct mount___6_17, mnt_instance), i;
	struct list_head *head = (void *)old + bpf_core_field_offset(old->s_mounts), *at = head;

	bpf_for(i, 0, MOUNTS_MAX) {
		struct mount *mount;

		at = BPF_CORE_READ(at, next);
		if (!at || at == head)
			break;
		mount = (void *)at - offset;
		if (BPF_CORE_READ(mount, mnt_ns) == ns)
			return true;
	}
	return false;
}

/* Return 1 if init sees the filesystem, 0 if not. */
SEC("syscall")
int bpffs_lasts(struct query *query)
{
	struct mnt_namespace *ns = init_mounts();
	struct super_block *sb = filesystem_of(query->fd);

	if (!ns || !sb)
		return 0;
	if (bpf_core_field_exists(struct mount, mnt_next_for_sb))
		return is_mounted_in(sb, ns);
	return is_mounted_in_6_17(sb, ns);
}

char _license[] SEC("license") = "GPL";
