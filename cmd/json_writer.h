/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * JSON that is written as it comes. Output about thousands of instances is written so: a tree of
 * values in memory costs several times what it takes to read the instances. All other JSON is made
 * with jansson.
 */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

struct json_writer {
	FILE *to;
	bool indent;        /* one value a line, for people */
	bool comma;         /* before the next value */
	unsigned int depth; /* open brackets */
};

/* An array that is printed when all of it was written: a reader gets all of it, or nothing. */
struct json_buffer {
	struct json_writer writer;
	char *text;
	size_t size;
};

/* Begin the array, as a person reads it on a terminal. Return the writer. Aborts without memory. */
struct json_writer *json_buffer_open(struct json_buffer *b);
/* End the array. Its text is in B; the caller frees it. */
void json_buffer_close(struct json_buffer *b);
/* End the array, print it if PRINT, and free it. */
void json_buffer_print(struct json_buffer *b, bool print);

/* Every function takes the KEY of a member of an object, or NULL for an element of an array. */

/* Begin an object, '{', or an array, '['. */
void jsonw_begin(struct json_writer *w, const char *key, char bracket);
/* End it, with '}' or ']'. */
void jsonw_end(struct json_writer *w, char bracket);

/* Write the key alone. The caller prints the value to the writer's file. */
void jsonw_key(struct json_writer *w, const char *key);
/* From 2^63 on as a string of digits, because most JSON readers have 63 bits. */
void jsonw_uint(struct json_writer *w, const char *key, uint64_t value);
void jsonw_int(struct json_writer *w, const char *key, int64_t value);
/* Write 15 digits, which print 0.1 as it was typed. */
void jsonw_real(struct json_writer *w, const char *key, double value);
void jsonw_bool(struct json_writer *w, const char *key, bool value);
/* VALUE is UTF-8. Write null if it is NULL. */
void jsonw_string(struct json_writer *w, const char *key, const char *value);

#endif
