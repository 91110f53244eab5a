// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/bpf/kernel.c: which kernels are new enough. */
#include "bpf/kernel.h"
#include "suites.h"

START_TEST(kernel_releases)
{
	ck_assert(!bq_kernel_is_new("5.15.0-generic"));
	ck_assert(!bq_kernel_is_new("6.1.0-49-amd64"));
	ck_assert(!bq_kernel_is_new("6.9.12"));
	ck_assert(!bq_kernel_is_new("6.15.11"));
	ck_assert(bq_kernel_is_new("6.16.0"));
	ck_assert(bq_kernel_is_new("6.16-rc1"));
	ck_assert(bq_kernel_is_new("6.17.13+deb13-cloud-amd64"));
	ck_assert(bq_kernel_is_new("7.0"));
	ck_assert(bq_kernel_is_new("10.2.1"));
	ck_assert(!bq_kernel_is_new("unknown"));
	ck_assert(!bq_kernel_is_new(""));
}
END_TEST

Suite *kernel_suite(void)
{
	Suite *s = suite_create("kernel");

	ADD_TEST(s, kernel_releases);
	return s;
}
