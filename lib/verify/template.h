/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Templates of explanations. These words in braces are replaced:
 *   {1} ... {4}    run that the first, ... `*` of the pattern captured
 *   {op}           operation: enqueue, dequeue, ...
 *   {callee}       function called at the last step
 *   {release}      function that took the packet, {released_at}: its source line
 *   {origin}       function that returned the reference, {origin_at}: its source line
 *   {replacement}  advice on the captured function, from replacements.c
 */
#ifndef BQ_VERIFY_TEMPLATE_H
#define BQ_VERIFY_TEMPLATE_H

#include "verify/conditions.h"

/* Expand TEMPLATE with the facts of MATCH into BUF. A text longer than SIZE is cut. */
void bq_template_expand(const char *template, const struct bq_log_match *match, char *buf,
			size_t size);

#endif
