/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openssl_tool.h - the `openssl` program, which makes fixtures and judges results
 * independently of our code.
 *
 *     AUTO(scratch_remove) struct scratch s = { 0 };
 *     REQUIRE(scratch_make(&s));
 *     REQUIRE(openssl_tool(&s, "genrsa -out a.key 2048"));
 */
#pragma once

#include "support/scratch.h"
#include "util/buf.h"

#define TOOL_MAX_BYTES ((size_t)8 << 20)

/*
 * Run `openssl ARGUMENTS` inside the folder, through the shell; what it prints goes
 * to the file "log" there, and onto our output if it fails.
 */
PRINTF_LIKE(2, 3)
bool openssl_tool(const struct scratch *s, const char *fmt, ...);

/* The same where a refusal is an answer: nothing is printed. */
PRINTF_LIKE(2, 3)
bool openssl_agrees(const struct scratch *s, const char *fmt, ...);

/* The bytes of a file inside; release with buf_free().  A failure aborts. */
struct buf scratch_read(const struct scratch *s, const char *name);
void scratch_write(const struct scratch *s, const char *name, struct slice bytes);
