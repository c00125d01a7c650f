/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macho/read.h - Mach-O files: thin, fat and fat64, 32 and 64 bit (spec
 * codesign.md section 1).  Little-endian code only, as on every Apple platform of
 * interest; the fat header is big-endian.
 *
 * Nothing is copied: all slices borrow from the file's bytes.
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

#define MACHO_MAX_SLICES   20
#define MACHO_MAX_COMMANDS 4096
#define MACHO_MAX_HEADER   ((uint32_t)4 << 20) /* bytes of load commands */

#define MACHO_CPU_ARM      0x0000000cU
#define MACHO_CPU_ARM64    0x0100000cU
#define MACHO_CPU_ARM64_32 0x0200000cU
#define MACHO_CPU_X86      0x00000007U
#define MACHO_CPU_X86_64   0x01000007U

#define MACHO_EXECUTE      2U
#define MACHO_DYLIB        6U
#define MACHO_DYLINKER     7U
#define MACHO_BUNDLE       8U
#define MACHO_KEXT         11U

enum macho_platform {
	MACHO_PLATFORM_UNKNOWN = 0,
	MACHO_PLATFORM_MACOS = 1,
	MACHO_PLATFORM_IOS = 2,
	MACHO_PLATFORM_TVOS = 3,
	MACHO_PLATFORM_WATCHOS = 4,
	MACHO_PLATFORM_BRIDGEOS = 5,
	MACHO_PLATFORM_CATALYST = 6,
	MACHO_PLATFORM_IOS_SIM = 7,
	MACHO_PLATFORM_TVOS_SIM = 8,
	MACHO_PLATFORM_WATCHOS_SIM = 9,
	MACHO_PLATFORM_DRIVERKIT = 10,
	MACHO_PLATFORM_VISIONOS = 11,
	MACHO_PLATFORM_VISIONOS_SIM = 12,
};

/* One architecture.  Offsets are relative to the slice unless they say "file". */
struct macho_slice {
	struct slice bytes;           /* the whole slice */
	uint64_t file_offset;         /* where it begins in the file */
	uint32_t cputype, cpusubtype; /* subtype with the capability bits masked off */
	uint32_t filetype;
	bool is_64;           /* 64-bit header */
	uint32_t header_size; /* 28 or 32 */
	uint32_t ncmds, sizeofcmds;

	/* LC_CODE_SIGNATURE; sig_command 0: there is none */
	uint32_t sig_command;          /* offset of the command */
	uint32_t sig_command_size;     /* 16; kernels refuse others */
	uint32_t sig_offset, sig_size; /* dataoff, datasize */

	/* __LINKEDIT; linkedit_command 0: there is none */
	uint32_t linkedit_command;
	uint64_t linkedit_fileoff, linkedit_filesize, linkedit_vmsize;
	uint64_t segments_end; /* where the last of the other segments ends */
	bool linkedit_is_last; /* no segment ends further back in the file */

	uint64_t text_fileoff, text_filesize; /* __TEXT: execSegBase, execSegLimit */
	uint64_t first_section; /* lowest file offset of section data; 0: none */
	uint64_t symtab_end;    /* stroff + strsize; 0: none */

	enum macho_platform platform;
	uint32_t min_os, sdk; /* x.y.z as 16.8.8 bits; 0: not said */
	bool has_version_command;

	bool has_encryption_info;
	uint32_t cryptid;
	bool has_bitcode; /* a __LLVM segment */

	struct slice info_plist; /* section __TEXT,__info_plist; empty: none */
	struct slice uuid;       /* 16 bytes, or empty */
	struct slice dylib_drs;  /* LC_DYLIB_CODE_SIGN_DRS data, or empty */
};

struct macho {
	struct slice file;
	bool is_fat, is_fat64;
	size_t count;
	struct macho_slice slices[MACHO_MAX_SLICES];
};

enum macho_magic {
	MACHO_NOT, /* something else (also Java classes) */
	MACHO_THIN,
	MACHO_FAT,
	MACHO_BIG_ENDIAN, /* byte-swapped: recognised, refused */
	MACHO_AR,         /* static archive: "!<arch>\n" */
};

/* What the first bytes say; 4096 bytes are enough. */
enum macho_magic macho_sniff(struct slice start);

/*
 * Read a file.  Refuses what section 1 refuses: commands outside the header, bad
 * cmdsize, overlapping or duplicate slices, more than 20, data outside the slice.
 * Errors: ERROR_FORMAT, ERROR_LIMIT.
 */
NODISCARD bool macho_parse(struct macho *out, struct slice file, struct error *err);

/* May this be signed: EXECUTE, DYLIB, BUNDLE, DYLINKER, KEXT in every slice? */
bool macho_is_signable(const struct macho *m);

/* The signature area of the slice; empty if there is none. */
struct slice macho_signature(const struct macho_slice *s);

/* Is it the code that runs as a process (MH_EXECUTE)? */
static inline bool macho_is_main(const struct macho_slice *s)
{
	return s->filetype == MACHO_EXECUTE;
}

bool macho_platform_is_simulator(enum macho_platform p);
const char *macho_platform_name(enum macho_platform p);   /* "iOS" */
const char *macho_arch_name(const struct macho_slice *s); /* "arm64" */

/* "15.2" or "15.2.1" from 16.8.8 bits. */
#define MACHO_VERSION_TEXT 16
void macho_version_text(char out[MACHO_VERSION_TEXT], uint32_t version);
/* 16.8.8 bits from "15", "15.2", "15.2.1"; false if it is no version. */
bool macho_version_parse(uint32_t *out, const char *text);

/*
 * The install name of the i-th linked dylib (LC_LOAD_DYLIB and its kin); false
 * when there are no more.  For the closure check of verify.
 */
bool macho_dylib(struct slice *name, const struct macho_slice *s, size_t i);
