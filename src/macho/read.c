/* SPDX-License-Identifier: Apache-2.0 */
#include "macho/read.h"

#include <assert.h>

#include "macho/macho_impl.h"
#include "util/bytes.h"
#include "util/reader.h"

static const struct {
	uint32_t cputype, subtype;
	const char *name;
} archs[] = {
	{ MACHO_CPU_ARM, 9, "armv7" },         { MACHO_CPU_ARM, 11, "armv7s" },
	{ MACHO_CPU_ARM, 12, "armv7k" },       { MACHO_CPU_ARM64, 0, "arm64" },
	{ MACHO_CPU_ARM64, 1, "arm64v8" },     { MACHO_CPU_ARM64, 2, "arm64e" },
	{ MACHO_CPU_ARM64_32, 1, "arm64_32" }, { MACHO_CPU_X86_64, 3, "x86_64" },
	{ MACHO_CPU_X86_64, 8, "x86_64h" },    { MACHO_CPU_X86, 3, "i386" },
};

static const char *const platforms[] = {
	[MACHO_PLATFORM_UNKNOWN] = "unknown platform",
	[MACHO_PLATFORM_MACOS] = "macOS",
	[MACHO_PLATFORM_IOS] = "iOS",
	[MACHO_PLATFORM_TVOS] = "tvOS",
	[MACHO_PLATFORM_WATCHOS] = "watchOS",
	[MACHO_PLATFORM_BRIDGEOS] = "bridgeOS",
	[MACHO_PLATFORM_CATALYST] = "Mac Catalyst",
	[MACHO_PLATFORM_IOS_SIM] = "iOS simulator",
	[MACHO_PLATFORM_TVOS_SIM] = "tvOS simulator",
	[MACHO_PLATFORM_WATCHOS_SIM] = "watchOS simulator",
	[MACHO_PLATFORM_DRIVERKIT] = "DriverKit",
	[MACHO_PLATFORM_VISIONOS] = "visionOS",
	[MACHO_PLATFORM_VISIONOS_SIM] = "visionOS simulator",
};

const char *macho_arch_name(const struct macho_slice *s)
{
	for (size_t i = 0; i < ARRAY_LEN(archs); i++)
		if (archs[i].cputype == s->cputype && archs[i].subtype == s->cpusubtype)
			return archs[i].name;
	return "unknown CPU";
}

const char *macho_platform_name(enum macho_platform p)
{
	return (size_t)p < ARRAY_LEN(platforms) ? platforms[p] : platforms[0];
}

bool macho_platform_is_simulator(enum macho_platform p)
{
	return p == MACHO_PLATFORM_IOS_SIM || p == MACHO_PLATFORM_TVOS_SIM ||
	       p == MACHO_PLATFORM_WATCHOS_SIM || p == MACHO_PLATFORM_VISIONOS_SIM;
}

void macho_version_text(char out[MACHO_VERSION_TEXT], uint32_t version)
{
	unsigned major = version >> 16, minor = version >> 8 & 255,
		 patch = version & 255;

	if (patch != 0)
		snprintf(out, MACHO_VERSION_TEXT, "%u.%u.%u", major, minor, patch);
	else
		snprintf(out, MACHO_VERSION_TEXT, "%u.%u", major, minor);
}

bool macho_version_parse(uint32_t *out, const char *text)
{
	uint32_t parts[3] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		uint32_t limit = i == 0 ? 0xffff : 0xff;

		if (*text < '0' || *text > '9')
			return false;
		while (*text >= '0' && *text <= '9' && parts[i] <= limit)
			parts[i] = parts[i] * 10 + (uint32_t)(*text++ - '0');
		if (parts[i] > limit)
			return false;
		if (*text == '\0') {
			*out = parts[0] << 16 | parts[1] << 8 | parts[2];
			return true;
		}
		if (*text++ != '.')
			return false;
	}
	return false;
}

/* ---- what kind of file ---- */

static bool is_thin_magic(struct slice s)
{
	return s.n >= 4 &&
	       (load_le32(s.p) == MACHO_MAGIC_64 || load_le32(s.p) == MACHO_MAGIC_32);
}

enum macho_magic macho_sniff(struct slice start)
{
	if (start.n >= 8 && memcmp(start.p, "!<arch>\n", 8) == 0)
		return MACHO_AR;
	if (start.n < 28)
		return MACHO_NOT;
	if (is_thin_magic(start))
		return MACHO_THIN;
	uint32_t magic = load_be32(start.p);
	if (magic == MACHO_MAGIC_64 || magic == MACHO_MAGIC_32)
		return MACHO_BIG_ENDIAN;
	if (magic != MACHO_MAGIC_FAT && magic != MACHO_MAGIC_FAT64)
		return MACHO_NOT;
	/* A Java class has its version, at least 45, where the count stands. */
	uint32_t count = load_be32(start.p + 4);
	return count >= 1 && count <= MACHO_MAX_SLICES ? MACHO_FAT : MACHO_NOT;
}

/* ---- load commands ---- */

/* One load command while it is read. */
struct command {
	struct slice bytes; /* cmd, cmdsize and all */
	uint32_t offset;    /* in the slice */
};

static bool bad(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "not a sound Mach-O file: %s", what);
	return error_cause(err, "It is damaged, cut short, or made to break readers.");
}

/* The part of the slice that a command points at. */
static bool data_at(struct slice *out, const struct macho_slice *s, uint32_t offset,
                    uint32_t size, struct error *err)
{
	if (slice_part(out, s->bytes, offset, size))
		return true;
	return bad(err, "a load command points outside the file");
}

static void note_section(struct macho_slice *s, const unsigned char *p, bool is_64)
{
	uint64_t size = is_64 ? load_le64(p + 40) : load_le32(p + 36);
	uint32_t offset = load_le32(p + (is_64 ? 48 : 40));
	uint32_t type = load_le32(p + (is_64 ? 64 : 56)) & 0xff;
	bool zero_fill = type == 0x01 || type == 0x0c || type == 0x12;

	if (zero_fill || size == 0 || offset == 0)
		return;
	if (s->first_section == 0 || offset < s->first_section)
		s->first_section = offset;
	if (memcmp(p, "__info_plist\0\0\0\0", 16) == 0 &&
	    !slice_part(&s->info_plist, s->bytes, offset, size))
		s->info_plist = (struct slice){ 0 };
}

static bool is_name(const unsigned char *p, const char *name)
{
	return strncmp((const char *)p, name, 16) == 0;
}

static bool read_segment(struct macho_slice *s, const struct command *c, bool is_64,
                         struct error *err)
{
	size_t fixed = is_64 ? 72 : 56, section = is_64 ? 80 : 68;
	const unsigned char *p = c->bytes.p;

	if (c->bytes.n < fixed)
		return bad(err, "a segment command is cut short");
	uint64_t vmsize = is_64 ? load_le64(p + 32) : load_le32(p + 28);
	uint64_t fileoff = is_64 ? load_le64(p + 40) : load_le32(p + 32);
	uint64_t filesize = is_64 ? load_le64(p + 48) : load_le32(p + 36);
	uint32_t count = load_le32(p + (is_64 ? 64 : 48));
	struct slice ignored = { 0 };
	if (is_64 != s->is_64)
		return bad(err, "a segment command is of the other width");
	if (count > (c->bytes.n - fixed) / section)
		return bad(err, "a segment has more sections than its command");
	if (filesize > 0 && !slice_part(&ignored, s->bytes, fileoff, filesize))
		return bad(err, "a segment reaches past the end");
	if (is_name(p + 8, "__LINKEDIT")) {
		if (s->linkedit_command != 0)
			return bad(err, "there are two __LINKEDIT segments");
		s->linkedit_command = c->offset;
		s->linkedit_fileoff = fileoff;
		s->linkedit_filesize = filesize;
		s->linkedit_vmsize = vmsize;
	} else if (fileoff + filesize > s->segments_end) {
		s->segments_end = fileoff + filesize;
	}
	if (is_name(p + 8, "__TEXT")) {
		s->text_fileoff = fileoff;
		s->text_filesize = filesize;
	}
	s->has_bitcode |= is_name(p + 8, "__LLVM");
	for (uint32_t i = 0; i < count && fileoff == 0 && filesize != 0; i++)
		note_section(s, p + fixed + i * section, is_64);
	return true;
}

static bool read_signature_command(struct macho_slice *s, const struct command *c,
                                   struct error *err)
{
	struct slice ignored = { 0 };

	if (c->bytes.n < 16)
		return bad(err, "the signature command is cut short");
	if (s->sig_command != 0)
		return bad(err, "there are two signature commands");
	s->sig_command = c->offset;
	s->sig_command_size = (uint32_t)c->bytes.n;
	s->sig_offset = load_le32(c->bytes.p + 8);
	s->sig_size = load_le32(c->bytes.p + 12);
	/* A signature of nothing is none, wherever it claims to be (P28). */
	if (s->sig_size == 0)
		return true;
	return data_at(&ignored, s, s->sig_offset, s->sig_size, err);
}

static void read_build_version(struct macho_slice *s, const struct command *c)
{
	uint32_t platform = load_le32(c->bytes.p + 8);

	s->platform = platform <= MACHO_PLATFORM_VISIONOS_SIM
	                      ? (enum macho_platform)platform
	                      : MACHO_PLATFORM_UNKNOWN;
	s->min_os = load_le32(c->bytes.p + 12);
	s->sdk = load_le32(c->bytes.p + 16);
	s->has_version_command = true;
}

/* Older files say only the system; on Intel that is its simulator. */
static void read_version_min(struct macho_slice *s, const struct command *c,
                             enum macho_platform device, enum macho_platform simulator)
{
	bool intel = s->cputype == MACHO_CPU_X86 || s->cputype == MACHO_CPU_X86_64;

	s->platform = intel ? simulator : device;
	s->min_os = load_le32(c->bytes.p + 8);
	s->sdk = load_le32(c->bytes.p + 12);
	s->has_version_command = true;
}

static bool read_command(struct macho_slice *s, const struct command *c,
                         struct error *err)
{
	const unsigned char *p = c->bytes.p;
	size_t n = c->bytes.n;

	switch (load_le32(p)) {
	case MACHO_LC_SEGMENT:
		return read_segment(s, c, false, err);
	case MACHO_LC_SEGMENT_64:
		return read_segment(s, c, true, err);
	case MACHO_LC_CODE_SIGNATURE:
		return read_signature_command(s, c, err);
	case MACHO_LC_SYMTAB:
		if (n >= 24)
			s->symtab_end = (uint64_t)load_le32(p + 16) + load_le32(p + 20);
		break;
	case MACHO_LC_ENCRYPTION_INFO:
	case MACHO_LC_ENCRYPTION_INFO_64:
		if (n < 20)
			return bad(err, "the encryption command is cut short");
		s->has_encryption_info = true;
		s->cryptid = load_le32(p + 16);
		break;
	case MACHO_LC_UUID:
		if (n >= 24)
			s->uuid = slice_of(p + 8, 16);
		break;
	case MACHO_LC_DYLIB_CODE_SIGN_DRS:
		if (n >= 16)
			return data_at(&s->dylib_drs, s, load_le32(p + 8),
			               load_le32(p + 12), err);
		break;
	default:
		break;
	}
	return true;
}

static void read_version_command(struct macho_slice *s, const struct command *c)
{
	if (c->bytes.n < 16)
		return;
	switch (load_le32(c->bytes.p)) {
	case MACHO_LC_BUILD_VERSION:
		if (c->bytes.n >= 24)
			read_build_version(s, c);
		break;
	case MACHO_LC_VERSION_MIN_MACOSX:
		read_version_min(s, c, MACHO_PLATFORM_MACOS, MACHO_PLATFORM_MACOS);
		break;
	case MACHO_LC_VERSION_MIN_IPHONEOS:
		read_version_min(s, c, MACHO_PLATFORM_IOS, MACHO_PLATFORM_IOS_SIM);
		break;
	case MACHO_LC_VERSION_MIN_TVOS:
		read_version_min(s, c, MACHO_PLATFORM_TVOS, MACHO_PLATFORM_TVOS_SIM);
		break;
	case MACHO_LC_VERSION_MIN_WATCHOS:
		read_version_min(s, c, MACHO_PLATFORM_WATCHOS,
		                 MACHO_PLATFORM_WATCHOS_SIM);
		break;
	default:
		break;
	}
}

/* The command at *at, which moves on; its size was checked. */
static bool next_command(struct command *out, const struct macho_slice *s, uint32_t *at,
                         struct error *err)
{
	uint32_t end = s->header_size + s->sizeofcmds;

	*out = (struct command){ .bytes = s->bytes };
	if (end - *at < 8)
		return bad(err, "its load commands are cut short");
	uint32_t size = load_le32(s->bytes.p + *at + 4);
	/* 4-byte alignment is seen in real 64-bit files of other linkers. */
	if (size < 8 || size % 4 != 0 || size > end - *at)
		return bad(err, "a load command has a broken size");
	*out = (struct command){ .bytes = slice_of(s->bytes.p + *at, size),
		                 .offset = *at };
	*at += size;
	return true;
}

static bool read_commands(struct macho_slice *s, struct error *err)
{
	uint32_t at = s->header_size;

	for (uint32_t i = 0; i < s->ncmds; i++) {
		struct command c = { 0 };

		if (!next_command(&c, s, &at, err) || !read_command(s, &c, err))
			return false;
		read_version_command(s, &c);
	}
	if (at != s->header_size + s->sizeofcmds)
		return bad(err, "the sizes of its load commands do not add up");
	s->linkedit_is_last =
		s->linkedit_command != 0 &&
		s->linkedit_fileoff + s->linkedit_filesize >= s->segments_end;
	return true;
}

static bool read_slice(struct macho_slice *out, struct slice bytes,
                       uint64_t file_offset, struct error *err)
{
	struct macho_slice s = { .bytes = bytes, .file_offset = file_offset };

	if (!is_thin_magic(bytes) || bytes.n < 28)
		return bad(err, "a slice does not begin with a Mach-O header");
	s.is_64 = load_le32(bytes.p) == MACHO_MAGIC_64;
	s.header_size = s.is_64 ? 32 : 28;
	s.cputype = load_le32(bytes.p + 4);
	s.cpusubtype = load_le32(bytes.p + 8) & 0x00ffffff;
	s.filetype = load_le32(bytes.p + 12);
	s.ncmds = load_le32(bytes.p + 16);
	s.sizeofcmds = load_le32(bytes.p + 20);
	if (s.ncmds > MACHO_MAX_COMMANDS || s.sizeofcmds > MACHO_MAX_HEADER)
		return error_set(err, ERROR_LIMIT,
		                 "the Mach-O file has %u load commands in "
		                 "%u bytes",
		                 s.ncmds, s.sizeofcmds);
	if (bytes.n < s.header_size || s.sizeofcmds > bytes.n - s.header_size)
		return bad(err, "its load commands reach past the end");
	if (!read_commands(&s, err))
		return false;
	*out = s;
	return true;
}

/* ---- fat files ---- */

/* Slices may stand in any order, but not in each other. */
static bool overlaps(const struct macho *m, uint64_t offset, uint64_t size)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct macho_slice *s = &m->slices[i];

		if (offset < s->file_offset + s->bytes.n &&
		    s->file_offset < offset + size)
			return true;
	}
	return false;
}

static bool is_duplicate(const struct macho *m, const struct macho_slice *s)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->slices[i].cputype == s->cputype &&
		    m->slices[i].cpusubtype == s->cpusubtype)
			return true;
	return false;
}

static bool read_fat(struct macho *m, struct error *err)
{
	struct reader r = reader_of(m->file);
	uint32_t magic = reader_be32(&r), count = reader_be32(&r);

	m->is_fat = true;
	m->is_fat64 = magic == MACHO_MAGIC_FAT64;
	if (count == 0 || count > MACHO_MAX_SLICES)
		return bad(err, "it claims an impossible number of slices");
	size_t header = 8 + (size_t)count * (m->is_fat64 ? 32 : 20);
	for (uint32_t i = 0; i < count; i++) {
		struct slice bytes = { 0 };
		struct macho_slice s = { 0 };

		reader_skip(&r, 8);
		uint64_t offset = m->is_fat64 ? reader_be64(&r) : reader_be32(&r);
		uint64_t size = m->is_fat64 ? reader_be64(&r) : reader_be32(&r);
		reader_skip(&r, m->is_fat64 ? 8 : 4);
		if (!reader_ok(&r, "fat header", err))
			return false;
		if (offset < header || !slice_part(&bytes, m->file, offset, size))
			return bad(err, "a slice reaches past the end");
		if (overlaps(m, offset, size))
			return bad(err, "two slices overlap");
		if (!read_slice(&s, bytes, offset, err))
			return error_context(err, "reading slice %u", i);
		if (is_duplicate(m, &s))
			return bad(err, "two slices are for the same CPU");
		m->slices[m->count++] = s;
	}
	return true;
}

bool macho_parse(struct macho *out, struct slice file, struct error *err)
{
	struct macho m = { .file = file };
	bool ok;

	switch (macho_sniff(file)) {
	case MACHO_THIN:
		m.count = 1;
		ok = read_slice(&m.slices[0], file, 0, err);
		break;
	case MACHO_FAT:
		ok = read_fat(&m, err);
		break;
	case MACHO_BIG_ENDIAN:
		error_set(err, ERROR_FORMAT, "Mach-O file for a big-endian CPU");
		return error_cause(err,
		                   "It is from a PowerPC Mac; no iOS device runs it.");
	case MACHO_AR:
		return error_set(err, ERROR_FORMAT,
		                 "a static library, not a Mach-O file");
	default:
		return bad(err, "it does not begin as one");
	}
	if (!ok)
		return false;
	*out = m;
	return true;
}

bool macho_is_signable(const struct macho *m)
{
	for (size_t i = 0; i < m->count; i++) {
		switch (m->slices[i].filetype) {
		case MACHO_EXECUTE:
		case MACHO_DYLIB:
		case MACHO_BUNDLE:
		case MACHO_DYLINKER:
		case MACHO_KEXT:
			break;
		default:
			return false;
		}
	}
	return m->count > 0;
}

struct slice macho_signature(const struct macho_slice *s)
{
	struct slice area = { 0 };

	if (s->sig_command == 0 ||
	    !slice_part(&area, s->bytes, s->sig_offset, s->sig_size))
		return (struct slice){ 0 };
	return area;
}

static bool is_dylib_command(uint32_t cmd)
{
	return cmd == 0x0c || cmd == 0x80000018 || cmd == 0x8000001f || cmd == 0x1f ||
	       cmd == 0x20 || cmd == 0x80000023 || cmd == 0x23;
}

bool macho_dylib(struct slice *name, const struct macho_slice *s, size_t i)
{
	struct error ignored = { 0 };
	uint32_t at = s->header_size;
	struct command c = { 0 };

	for (uint32_t k = 0; k < s->ncmds && next_command(&c, s, &at, &ignored); k++) {
		assert(c.bytes.p != NULL);
		if (!is_dylib_command(load_le32(c.bytes.p)) || c.bytes.n < 24 ||
		    i-- > 0)
			continue;
		uint32_t offset = load_le32(c.bytes.p + 8);
		if (offset >= c.bytes.n)
			return false;
		const char *text = (const char *)c.bytes.p + offset;
		*name = slice_of(text, strnlen(text, c.bytes.n - offset));
		return true;
	}
	return false;
}
