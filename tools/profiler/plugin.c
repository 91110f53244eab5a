// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * QEMU plugin of tools/profile: counts a guest's instructions by translated block, between two
 * marks. mark.c makes a mark: a no-operation with a displacement that no compiler emits.
 *
 * At the first mark all counts become 0. At the second they go to the file COUNTS.1, at the fourth
 * to COUNTS.2, and so on: a line "COUNT ADDRESS" for each block that ran. Plugin argument:
 * counts=COUNTS.
 *
 * Debian 12 does not install qemu-plugin.h, so the declarations of its version 1 are repeated here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define INLINE_ADD_U64 0 /* QEMU_PLUGIN_INLINE_ADD_U64 */
#define NO_REGISTERS 0   /* QEMU_PLUGIN_CB_NO_REGS */

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr,
					      uint64_t imm);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int cpu, void *arg), int flags,
					  void *arg);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t n);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

/* A translated block. QEMU may translate an address again, so addresses can repeat. */
struct block {
	struct block *next;
	uint64_t address, count;
};

static const unsigned char mark[] = { 0x0f, 0x1f, 0x80, 0x51, 0x42, 0x44, 0x51 };
static struct block *blocks;
static const char *counts_path;
static int marks;

static void write_counts(void)
{
	char path[4096];
	struct block *b;
	FILE *out;

	snprintf(path, sizeof(path), "%s.%d", counts_path, marks / 2);
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		return;
	}
	for (b = blocks; b; b = b->next)
		if (b->count)
			fprintf(out, "%" PRIu64 " %" PRIx64 "\n", b->count, b->address);
	if (fclose(out))
		perror(path);
}

static void on_mark(unsigned int cpu, void *arg)
{
	struct block *b;

	(void)cpu;
	(void)arg;
	if (++marks % 2 == 0) {
		write_counts();
		return;
	}
	for (b = blocks; b; b = b->next)
		b->count = 0;
}

static bool has_mark(struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;

	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (qemu_plugin_insn_size(insn) == sizeof(mark) &&
		    !memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark)))
			return true;
	}
	return false;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = calloc(1, sizeof(*b));

	(void)id;
	if (!b)
		abort();
	b->address = qemu_plugin_tb_vaddr(tb);
	b->next = blocks;
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &b->count,
						 qemu_plugin_tb_n_insns(tb));
	if (has_mark(tb))
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_mark, NO_REGISTERS, NULL);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc < 1 || strncmp(argv[0], "counts=", 7) != 0)
		return -1;
	counts_path = strdup(argv[0] + 7);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return counts_path ? 0 : -1;
}
