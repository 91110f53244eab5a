// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * killat [--exit] [--all] N COMMAND...   kills COMMAND (SIGKILL) at its N-th system call that
 *                                        changes what outlives it: before that call,
 *                                        or with --exit right after it
 * killat --run HOOK [--all] N COMMAND... runs the shell command HOOK before that call instead; the
 *                                        exit status is that of COMMAND
 * killat --count [--all] COMMAND...      prints how many there are
 * killat --objects                       prints how many BPF maps, programs and links exist
 *
 * With --all every system call counts. Prints which call it was. Exit status: 0 killed; 1 COMMAND
 * ended well before its N-th call; 2 it failed before; 3 trouble.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TROUBLE 3

static bool count_only, every_call, after;
static const char *hook; /* NULL: kill */
static pid_t child;
static char call[64]; /* the last one that counted */

static void die(const char *what)
{
	fprintf(stderr, "killat: %s: %s\n", what, strerror(errno));
	exit(TROUBLE);
}

#define NAME(x)                                                                                    \
	{                                                                                          \
		x, #x                                                                              \
	}

static const struct {
	uint64_t number;
	const char *name;
} bpf_readers[] = {
	NAME(BPF_MAP_LOOKUP_ELEM),	NAME(BPF_MAP_GET_NEXT_KEY),   NAME(BPF_OBJ_GET),
	NAME(BPF_PROG_GET_NEXT_ID),	NAME(BPF_MAP_GET_NEXT_ID),    NAME(BPF_PROG_GET_FD_BY_ID),
	NAME(BPF_MAP_GET_FD_BY_ID),	NAME(BPF_OBJ_GET_INFO_BY_FD), NAME(BPF_PROG_QUERY),
	NAME(BPF_BTF_GET_FD_BY_ID),	NAME(BPF_TASK_FD_QUERY),      NAME(BPF_BTF_GET_NEXT_ID),
	NAME(BPF_MAP_LOOKUP_BATCH),	NAME(BPF_LINK_GET_FD_BY_ID),  NAME(BPF_LINK_GET_NEXT_ID),
	/* These calls only make a descriptor, which ends with the process. */
	NAME(BPF_MAP_CREATE),		NAME(BPF_MAP_FREEZE),	      NAME(BPF_PROG_LOAD),
	NAME(BPF_BTF_LOAD),		{ 36, "BPF_TOKEN_CREATE" },
}, bpf_writers[] = {
	NAME(BPF_MAP_UPDATE_ELEM), NAME(BPF_MAP_DELETE_ELEM), NAME(BPF_OBJ_PIN),
	NAME(BPF_LINK_CREATE),	   NAME(BPF_LINK_UPDATE),     NAME(BPF_LINK_DETACH),
}, changers[] = {
#define CALL(x)                                                                                    \
	{                                                                                          \
		SYS_##x, #x                                                                        \
	}
	CALL(mkdirat), CALL(unlinkat), CALL(linkat), CALL(renameat2), CALL(flock), CALL(symlinkat),
/* System calls that arm64 does not have. */
#ifdef SYS_mkdir
	CALL(mkdir), CALL(rmdir), CALL(unlink), CALL(link), CALL(rename), CALL(renameat),
	CALL(symlink),
#endif
};

#define N(array) (sizeof(array) / sizeof(*(array)))

/* A command of bpf(2) that is in neither list counts. */
static bool bpf_changes(uint64_t cmd)
{
	size_t i;

	for (i = 0; i < N(bpf_readers); i++)
		if (bpf_readers[i].number == cmd)
			return false;
	snprintf(call, sizeof(call), "bpf %llu", (unsigned long long)cmd);
	for (i = 0; i < N(bpf_writers); i++)
		if (bpf_writers[i].number == cmd)
			snprintf(call, sizeof(call), "%s", bpf_writers[i].name);
	return true;
}

static bool peek(uint64_t address, void *to, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)(uintptr_t)address, size };

	return process_vm_readv(child, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* Recognise rtnetlink's read requests: their message type modulo 4 is 2. */
static bool send_changes(uint64_t buffer)
{
	struct nlmsghdr head;

	if (peek(buffer, &head, sizeof(head)) && head.nlmsg_type >= RTM_BASE &&
	    (head.nlmsg_type & 3) == 2)
		return false;
	snprintf(call, sizeof(call), "send of message %u", head.nlmsg_type);
	return true;
}

static bool sendmsg_changes(uint64_t address)
{
	struct msghdr msg;
	struct iovec iov;

	if (!peek(address, &msg, sizeof(msg)) || !msg.msg_iovlen ||
	    !peek((uintptr_t)msg.msg_iov, &iov, sizeof(iov)))
		return true;
	return send_changes((uintptr_t)iov.iov_base);
}

static bool changes_state(const struct __ptrace_syscall_info *info)
{
	uint64_t nr = info->entry.nr;
	size_t i;

	snprintf(call, sizeof(call), "system call %llu", (unsigned long long)nr);
	if (nr == SYS_bpf)
		return bpf_changes(info->entry.args[0]) || every_call;
	if (nr == SYS_sendto)
		return send_changes(info->entry.args[1]) || every_call;
	if (nr == SYS_sendmsg)
		return sendmsg_changes(info->entry.args[1]) || every_call;
	for (i = 0; i < N(changers); i++) {
		if (changers[i].number != nr)
			continue;
		snprintf(call, sizeof(call), "%s", changers[i].name);
		return true;
	}
	return every_call;
}

static void start(char *argv[])
{
	int status;

	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[0], argv);
		fprintf(stderr, "killat: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		die("the child did not stop");
	if (ptrace(PTRACE_SETOPTIONS, child, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC))
		die("PTRACE_SETOPTIONS");
}

/* Runs the child to the next stop. False when it has ended. */
static bool go_on(int *status, int *signal)
{
	if (ptrace(PTRACE_SYSCALL, child, NULL, (long)*signal))
		die("PTRACE_SYSCALL");
	if (waitpid(child, status, 0) != child)
		die("waitpid");
	*signal = 0;
	if (!WIFSTOPPED(*status))
		return false;
	if (WSTOPSIG(*status) != (SIGTRAP | 0x80) && WSTOPSIG(*status) != SIGTRAP)
		*signal = WSTOPSIG(*status);
	return true;
}

/* Gone for good: its files are closed when this returns. */
static int kill_it(unsigned long n)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	printf("%lu: %s%s\n", n, after ? "after " : "", call);
	return 0;
}

static int trace(unsigned long wanted)
{
	struct __ptrace_syscall_info info;
	bool began = false, hit = false;
	unsigned long n = 0;
	int status, signal = 0;

	while (go_on(&status, &signal)) {
		began = began || status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
		if (!began || WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) <= 0)
			die("PTRACE_GET_SYSCALL_INFO");
		if (info.op == PTRACE_SYSCALL_INFO_EXIT && hit)
			return kill_it(n);
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_state(&info))
			continue;
		hit = ++n == wanted && !count_only;
		if (hit && hook) {
			hit = false;
			if (system(hook))
				die(hook);
		} else if (hit && !after) {
			return kill_it(n);
		}
	}
	if (hook)
		return WEXITSTATUS(status);
	printf("%lu%s\n", n, count_only ? "" : " in all");
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return !count_only;
	return 2;
}

static unsigned int count_objects(enum bpf_cmd next_id)
{
	union bpf_attr attr = { 0 };
	unsigned int n = 0;

	while (!syscall(SYS_bpf, next_id, &attr, sizeof(attr))) {
		attr.start_id = attr.next_id;
		n++;
	}
	return n;
}

int main(int argc, char *argv[])
{
	unsigned long wanted = 0;
	int i = 1;

	if (argc == 2 && !strcmp(argv[1], "--objects")) {
		printf("%u maps, %u programs, %u links\n", count_objects(BPF_MAP_GET_NEXT_ID),
		       count_objects(BPF_PROG_GET_NEXT_ID), count_objects(BPF_LINK_GET_NEXT_ID));
		return 0;
	}
	for (; i < argc && argv[i][0] == '-'; i++) {
		count_only |= !strcmp(argv[i], "--count");
		every_call |= !strcmp(argv[i], "--all");
		after |= !strcmp(argv[i], "--exit");
		if (!strcmp(argv[i], "--run"))
			hook = argv[++i];
	}
	if (!count_only && i < argc)
		wanted = strtoul(argv[i++], NULL, 10);
	if (i >= argc || (!count_only && !wanted)) {
		fprintf(stderr, "usage: killat [--exit|--run HOOK] [--all] N|--count COMMAND...\n");
		return TROUBLE;
	}
	start(argv + i);
	return trace(wanted);
}
