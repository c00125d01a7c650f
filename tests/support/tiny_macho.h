/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tiny_macho.h - small Mach-O files, made for tests.
 *
 *     struct tiny_slice how = TINY_ARM64;
 *     how.filetype = 6;
 *     AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
 *     tiny_macho(&file, &how);
 *
 * Written from the format alone, with no code of macho/, so that the two check each
 * other.  A slice is
 *
 *     header, commands | slack | __text (and __info_plist) | __LINKEDIT | signature
 *
 * Running out of memory or room aborts: a test has no use for the error.
 */
#pragma once

#include "util/buf.h"

#define TINY_MAX_BYTES ((size_t)256 << 20)

/* Where the signature command stands among the load commands. */
enum tiny_place {
	TINY_LAST,
	TINY_MIDDLE
};

struct tiny_slice {
	struct slice signature; /* what is in the area; may be empty */
	const char *info_plist; /* section __TEXT,__info_plist; NULL: none */
	const char *dylib;      /* LC_LOAD_DYLIB; NULL: none */
	uint32_t cputype, cpusubtype, filetype;
	uint32_t platform, min_os, sdk; /* platform 0: no version command */
	uint32_t version_min;           /* a LC_VERSION_MIN_* instead; 0: none */
	uint32_t slack;                 /* bytes between commands and first section */
	uint32_t code_size;             /* bytes of __text */
	uint32_t linkedit_size;         /* without the signature */
	uint32_t sig_size;              /* bytes of the signature area */
	uint32_t tail;                  /* bytes behind everything */
	uint32_t cryptid;
	uint32_t extra; /* commands nobody knows, 16 bytes each */
	enum tiny_place place;
	unsigned char code_byte; /* what the code is filled with */
	unsigned char uuid;      /* other than 0: another UUID */
	bool is_32;              /* 32-bit header and segments */
	bool slack_in_use;       /* the slack is not zero */
	bool no_linkedit;
	bool linkedit_first; /* another segment ends behind it */
	bool is_signed;      /* has a signature command */
	bool has_encryption;
	bool has_bitcode; /* an empty segment __LLVM */
};

/* An unsigned iOS 15 executable with 64 bytes of slack. */
#define TINY_ARM64                                   \
	((struct tiny_slice){ .cputype = 0x0100000c, \
	                      .filetype = 2,         \
	                      .platform = 2,         \
	                      .min_os = 15U << 16,   \
	                      .sdk = 17U << 16,      \
	                      .slack = 64,           \
	                      .code_size = 9000,     \
	                      .code_byte = 0x90,     \
	                      .linkedit_size = 100 })
#define TINY_ARMV7                                 \
	((struct tiny_slice){ .cputype = 0x0c,     \
	                      .cpusubtype = 9,     \
	                      .filetype = 2,       \
	                      .is_32 = true,       \
	                      .platform = 2,       \
	                      .min_os = 9U << 16,  \
	                      .sdk = 14U << 16,    \
	                      .version_min = 0x25, \
	                      .slack = 64,         \
	                      .code_size = 5000,   \
	                      .code_byte = 0x70,   \
	                      .linkedit_size = 60 })

/* Append a thin file. */
void tiny_macho(struct buf *out, const struct tiny_slice *how);

/* Append a fat file, fat64 if wanted. */
void tiny_macho_fat(struct buf *out, const struct tiny_slice *how, size_t count,
                    bool fat64);
