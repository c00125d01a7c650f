/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sample_code.h - code to read in tests of bundle/code and bundle/newcode.
 *
 *     AUTO(buf_free) struct buf file = { 0 };
 *     const struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));
 *     sample_code(&file, &how);
 *     sample_check(ONE_DEFLATED, buf_slice(&file), as_usual, &how_to_read);
 */
#pragma once

#include "bundle/code.h"
#include "support/one_file.h"
#include "support/pack.h"
#include "support/tiny_macho.h"

/* Fill *file with Mach-O code that differs from page to page. */
void sample_code(struct buf *file, const struct tiny_slice *how);
void sample_fat_code(struct buf *file, const struct tiny_slice *how, size_t count,
                     bool fat64);

/* The same with a signature of no meaning; with 200000 bytes of code; and with
 * exactly `limit` bytes in front of the signature or the end. */
struct tiny_slice sample_signed(struct tiny_slice how);
struct tiny_slice sample_large(struct tiny_slice how);
struct tiny_slice sample_with_limit(struct tiny_slice how, uint64_t limit);

/* Read it as one_file_open() puts it, judge that (support/code_judge.h), and what
 * becomes of it when it is signed. */
void sample_check(enum one_way way, struct slice file, struct slice packed,
                  const struct code_how *how);

/* A failed check where why is not NULL. */
void sample_report(const char *why, const char *what, unsigned long long number);
