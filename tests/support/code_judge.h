/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code_judge.h - is what bundle/code and bundle/newcode make of a file right?  Told
 * from all of its bytes in memory.  For unit tests and the fuzz target.
 */
#pragma once

#include "bundle/newcode.h"

/*
 * What code_read() did wrong with this file, which it was to read in this way and
 * did (code), or refused (NULL); NULL: nothing.  It is to take what macho_parse()
 * takes.
 */
const char *code_judge(const struct code *code, struct slice file,
                       const struct code_how *how);

/*
 * What goes wrong when this code is signed, as sign/ does it: the new file's bytes,
 * hashes, checksum and DEFLATE stream.  NULL: nothing, or it cannot be signed.
 */
const char *code_judge_signed(const struct code *code, struct slice file, int level);

/* What is wrong with code that is to have these bytes; NULL: nothing. */
const char *newcode_judge(const struct newcode *nc, struct slice want, int level);
