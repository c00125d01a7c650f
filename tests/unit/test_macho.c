/* SPDX-License-Identifier: Apache-2.0 */
#include "macho/read.h"

#include <stdlib.h>

#include "support/harness.h"
#include "support/tiny_macho.h"
#include "util/bytes.h"

#define LC_CODE_SIGNATURE 0x1dU

/* The offset of the first command of a kind; 0 if there is none. */
static size_t find_command(struct slice file, uint32_t cmd)
{
	size_t at = load_le32(file.p) == 0xfeedfacf ? 32 : 28;
	uint32_t count = load_le32(file.p + 16);

	for (uint32_t i = 0; i < count; i++) {
		if (load_le32(file.p + at) == cmd)
			return at;
		at += load_le32(file.p + at + 4);
	}
	return 0;
}

static bool parses(struct slice file)
{
	struct error err = { 0 };
	struct macho m;
	bool ok = macho_parse(&m, file, &err);

	error_clear(&err);
	return ok;
}

static void check_refused(struct slice file, enum error_code code, const char *text)
{
	struct error err = { 0 };
	struct macho m = { .count = 77 };

	CHECK_FAILS(macho_parse(&m, file, &err), &err, code, text);
	CHECK(m.count == 77);
}

/* Parse the file with a 32-bit field of a command set to another value. */
static void check_refused_with(const struct tiny_slice *how, uint32_t cmd, size_t field,
                               uint32_t value, const char *text)
{
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&file, how);
	REQUIRE(parses(buf_slice(&file)));
	size_t at = cmd == 0 ? 0 : find_command(buf_slice(&file), cmd);
	REQUIRE(cmd == 0 || at != 0);
	store_le32(file.p + at + field, value);
	check_refused(buf_slice(&file), ERROR_FORMAT, text);
}

TEST(reads_a_64_bit_file)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	struct macho m;

	how.cpusubtype = 0x80000002;
	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	const struct macho_slice *s = &m.slices[0];
	CHECK(m.count == 1 && !m.is_fat);
	CHECK(s->is_64 && s->header_size == 32 && s->filetype == MACHO_EXECUTE);
	CHECK(s->cputype == MACHO_CPU_ARM64 && s->cpusubtype == 2);
	CHECK_STR(macho_arch_name(s), "arm64e");
	CHECK(s->platform == MACHO_PLATFORM_IOS && s->has_version_command);
	CHECK(s->min_os == 15U << 16 && s->sdk == 17U << 16);
	CHECK(s->first_section == 32 + s->sizeofcmds + how.slack);
	CHECK(s->text_fileoff == 0 && s->text_filesize > 9000);
	CHECK(macho_is_main(s) && macho_is_signable(&m));
	CHECK(!s->has_encryption_info && !s->has_bitcode && s->dylib_drs.n == 0);
}

TEST(finds_what_stands_at_the_end_and_in_sections)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	struct macho m;

	how.info_plist = "<plist/>";
	how.is_signed = true;
	how.sig_size = 64;
	how.linkedit_size = 96;
	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	const struct macho_slice *s = &m.slices[0];
	CHECK(s->linkedit_filesize == 96 + 64 && s->linkedit_is_last);
	CHECK(s->linkedit_fileoff + 96 == s->sig_offset && s->sig_size == 64);
	CHECK(s->symtab_end == s->sig_offset);
	CHECK(slice_equal(s->info_plist, slice_str("<plist/>")));
	CHECK(s->uuid.n == 16 && s->uuid.p[0] == 0xab);
	CHECK(macho_signature(s).n == 64);
}

TEST(reads_a_32_bit_file)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARMV7;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	struct macho m;

	how.has_encryption = true;
	how.cryptid = 1;
	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	const struct macho_slice *s = &m.slices[0];
	CHECK(!s->is_64 && s->header_size == 28);
	CHECK_STR(macho_arch_name(s), "armv7");
	CHECK(s->platform == MACHO_PLATFORM_IOS && s->min_os == 9U << 16);
	CHECK(s->first_section == 28 + s->sizeofcmds + how.slack);
	CHECK(s->linkedit_filesize == 60 && s->linkedit_is_last);
	CHECK(s->sig_command == 0 && macho_signature(s).n == 0);
	CHECK(s->has_encryption_info && s->cryptid == 1);
}

TEST(reads_fat_files_of_both_widths)
{
	struct error err = { 0 };
	struct tiny_slice how[] = { TINY_ARMV7, TINY_ARM64 };

	for (int wide = 0; wide < 2; wide++) {
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
		struct macho m;

		tiny_macho_fat(&file, how, 2, wide == 1);
		CHECK(macho_sniff(buf_slice(&file)) == MACHO_FAT);
		REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
		CHECK(m.is_fat && m.is_fat64 == (wide == 1) && m.count == 2);
		CHECK(m.slices[0].file_offset == 0x4000);
		CHECK(m.slices[1].file_offset == 0x8000);
		CHECK_STR(macho_arch_name(&m.slices[0]), "armv7");
		CHECK_STR(macho_arch_name(&m.slices[1]), "arm64");
	}
}

TEST(tells_the_simulator_from_the_device_by_the_cpu_of_old_files)
{
	static const struct {
		uint32_t cputype, command;
		enum macho_platform want;
	} cases[] = {
		{ MACHO_CPU_ARM64, 0x25, MACHO_PLATFORM_IOS },
		{ MACHO_CPU_X86_64, 0x25, MACHO_PLATFORM_IOS_SIM },
		{ MACHO_CPU_ARM64, 0x2f, MACHO_PLATFORM_TVOS },
		{ MACHO_CPU_X86_64, 0x2f, MACHO_PLATFORM_TVOS_SIM },
		{ MACHO_CPU_ARM64, 0x30, MACHO_PLATFORM_WATCHOS },
		{ MACHO_CPU_X86, 0x30, MACHO_PLATFORM_WATCHOS_SIM },
		{ MACHO_CPU_X86_64, 0x24, MACHO_PLATFORM_MACOS },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct tiny_slice how = TINY_ARM64;
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
		struct macho m;

		how.cputype = cases[i].cputype;
		how.version_min = cases[i].command;
		tiny_macho(&file, &how);
		REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
		CHECK(m.slices[0].platform == cases[i].want);
	}
	CHECK(macho_platform_is_simulator(MACHO_PLATFORM_TVOS_SIM));
	CHECK(!macho_platform_is_simulator(MACHO_PLATFORM_TVOS));
	CHECK_STR(macho_platform_name(MACHO_PLATFORM_VISIONOS), "visionOS");
}

TEST(lists_linked_libraries)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	struct slice name = { 0 };
	struct macho m;

	how.dylib = "@rpath/Kit.framework/Kit";
	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	REQUIRE(macho_dylib(&name, &m.slices[0], 0));
	CHECK(slice_equal(name, slice_str(how.dylib)));
	CHECK(!macho_dylib(&name, &m.slices[0], 1));
	/* a name that would begin behind its command */
	size_t at = find_command(buf_slice(&file), 0x0c);
	store_le32(file.p + at + 8, load_le32(file.p + at + 4));
	CHECK(!macho_dylib(&name, &m.slices[0], 0));
}

TEST(only_code_that_runs_is_signable)
{
	for (uint32_t type = 1; type <= 12; type++) {
		struct error err = { 0 };
		struct tiny_slice how = TINY_ARM64;
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
		struct macho m;

		how.filetype = type;
		tiny_macho(&file, &how);
		REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
		bool want = type == 2 || (type >= 6 && type <= 8) || type == 11;
		CHECK(macho_is_signable(&m) == want);
	}
}

TEST(refuses_a_file_cut_short_at_any_byte)
{
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	how.code_size = 64;
	how.is_signed = true;
	how.sig_size = 32;
	tiny_macho(&file, &how);
	REQUIRE(parses(buf_slice(&file)));
	for (size_t n = 0; n < file.n; n++) {
		/* a copy of exactly n bytes, so that the sanitizer sees each overrun */
		AUTO(buf_free) struct buf cut = BUF_INIT(TINY_MAX_BYTES);
		struct error err = { 0 };

		REQUIRE_OK(buf_append(&cut, slice_of(file.p, n), &err), &err);
		check_refused(buf_slice(&cut), ERROR_FORMAT, "not a sound Mach-O file");
	}
}

TEST(survives_any_one_byte_changed_in_its_commands)
{
	static const unsigned char values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	how.code_size = 64;
	how.is_signed = true;
	how.sig_size = 32;
	how.dylib = "x";
	how.has_encryption = true;
	tiny_macho(&file, &how);
	for (size_t i = 0; i < 32 + load_le32(file.p + 20); i++) {
		unsigned char old = file.p[i];

		for (size_t k = 0; k < sizeof values; k++) {
			file.p[i] = values[k];
			parses(buf_slice(&file));
		}
		file.p[i] = old;
	}
	CHECK(parses(buf_slice(&file)));
}

TEST(refuses_commands_that_do_not_fit)
{
	struct tiny_slice how = TINY_ARM64;

	how.is_signed = true;
	how.sig_size = 32;
	/* cmdsize: too small, odd, past the end; sums that do not add up */
	check_refused_with(&how, 0x32, 4, 0, "broken size");
	check_refused_with(&how, 0x32, 4, 4, "broken size");
	check_refused_with(&how, 0x32, 4, 22, "broken size");
	check_refused_with(&how, 0x32, 4, 0x10000, "broken size");
	check_refused_with(&how, 0, 16, 1, "do not add up");
	check_refused_with(&how, 0, 16, 200, "cut short");
	check_refused_with(&how, 0, 20, 100000, "past the end");
	/* sections: more than the command holds */
	check_refused_with(&how, 0x19, 64, 4, "more sections");
	/* the signature: size of the command, area outside */
	check_refused_with(&how, LC_CODE_SIGNATURE, 8, 0x7fffffff, "outside the file");
	check_refused_with(&how, LC_CODE_SIGNATURE, 12, 33, "outside the file");
	check_refused_with(&how, LC_CODE_SIGNATURE, 12, UINT32_MAX, "outside the file");
	/* __TEXT past the end; two signatures */
	check_refused_with(&how, 0x19, 48, 0x100000, "past the end");
	check_refused_with(&how, 0x19, 52, 1, "past the end");
	how.extra = 1;
	how.place = TINY_MIDDLE;
	check_refused_with(&how, 0x7777, 0, LC_CODE_SIGNATURE,
	                   "two signature commands");
}

/* It is for the verifier to name, so it is read; macho/layout.c writes none over it. */
TEST(reads_a_signature_command_of_another_size_but_not_a_smaller)
{
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	struct error err = { 0 };
	struct macho m;

	tiny_macho(&file, &how);
	/* LC_UUID has 24 bytes; a signature of nothing may be anywhere */
	size_t at = find_command(buf_slice(&file), 0x1b);
	store_le32(file.p + at, LC_CODE_SIGNATURE);
	store_le32(file.p + at + 12, 0);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	CHECK(m.slices[0].sig_command == at && m.slices[0].sig_command_size == 24);
	how.is_signed = true;
	how.sig_size = 32;
	buf_free(&file);
	tiny_macho(&file, &how);
	at = find_command(buf_slice(&file), LC_CODE_SIGNATURE);
	store_le32(file.p + at + 4, 12);
	check_refused(buf_slice(&file), ERROR_FORMAT, "cut short");
}

TEST(refuses_two_linkedit_segments_and_segments_of_the_other_width)
{
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&file, &how);
	memcpy(file.p + 32 + 8, "__LINKEDIT", 11);
	check_refused(buf_slice(&file), ERROR_FORMAT, "two __LINKEDIT");
	check_refused_with(&how, 0x19, 0, 0x01, "other width");
	how = TINY_ARMV7;
	check_refused_with(&how, 0x01, 0, 0x19, "other width");
}

TEST(limits_the_number_of_commands)
{
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf most = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf over = BUF_INIT(TINY_MAX_BYTES);

	how.extra = MACHO_MAX_COMMANDS - 5;
	tiny_macho(&most, &how);
	REQUIRE(load_le32(most.p + 16) == MACHO_MAX_COMMANDS);
	CHECK(parses(buf_slice(&most)));
	how.extra++;
	tiny_macho(&over, &how);
	check_refused(buf_slice(&over), ERROR_LIMIT, "4097 load commands");
}

TEST(limits_the_number_of_slices)
{
	struct tiny_slice how[MACHO_MAX_SLICES + 1];

	for (size_t n = MACHO_MAX_SLICES; n <= MACHO_MAX_SLICES + 1; n++) {
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

		for (uint32_t i = 0; i < n; i++) {
			how[i] = TINY_ARM64;
			how[i].cpusubtype = i;
			how[i].code_size = 16;
		}
		tiny_macho_fat(&file, how, n, false);
		CHECK(parses(buf_slice(&file)) == (n == MACHO_MAX_SLICES));
	}
}

TEST(refuses_slices_that_overlap_or_repeat_or_reach_out)
{
	struct tiny_slice how[] = { TINY_ARMV7, TINY_ARM64 };
	struct tiny_slice same[] = { TINY_ARM64, TINY_ARM64 };
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf twins = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho_fat(&file, how, 2, false);
	uint32_t size = load_be32(file.p + 8 + 12);
	store_be32(file.p + 8 + 12, 0x4000);
	CHECK(parses(buf_slice(&file)));
	store_be32(file.p + 8 + 12, 0x4001);
	check_refused(buf_slice(&file), ERROR_FORMAT, "overlap");
	store_be32(file.p + 8 + 12, size);
	store_be32(file.p + 28 + 12, load_be32(file.p + 28 + 12) + 1);
	check_refused(buf_slice(&file), ERROR_FORMAT, "past the end");
	store_be32(file.p + 28 + 12, load_be32(file.p + 28 + 12) - 1);
	store_be32(file.p + 8 + 8, 47);
	check_refused(buf_slice(&file), ERROR_FORMAT, "past the end");
	/* the same CPU, told apart by capability bits only */
	same[1].cpusubtype = 0x80000000;
	tiny_macho_fat(&twins, same, 2, false);
	check_refused(buf_slice(&twins), ERROR_FORMAT, "same CPU");
}

TEST(tells_other_files_from_code)
{
	static const unsigned char java[64] = { 0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52 };
	static const unsigned char empty_fat[64] = { 0xca, 0xfe, 0xba, 0xbe };
	static const unsigned char powerpc[64] = { 0xfe, 0xed, 0xfa, 0xce };
	static const unsigned char powerpc64[64] = { 0xfe, 0xed, 0xfa, 0xcf };

	CHECK(macho_sniff(slice_of(java, sizeof java)) == MACHO_NOT);
	CHECK(macho_sniff(slice_of(empty_fat, sizeof empty_fat)) == MACHO_NOT);
	CHECK(macho_sniff(slice_of(powerpc, sizeof powerpc)) == MACHO_BIG_ENDIAN);
	CHECK(macho_sniff(slice_of(powerpc64, sizeof powerpc64)) == MACHO_BIG_ENDIAN);
	CHECK(macho_sniff(slice_str("!<arch>\n")) == MACHO_AR);
	CHECK(macho_sniff(slice_str("#!/bin/sh")) == MACHO_NOT);
	CHECK(macho_sniff((struct slice){ 0 }) == MACHO_NOT);
	check_refused(slice_of(java, sizeof java), ERROR_FORMAT, "does not begin");
	check_refused(slice_of(powerpc, sizeof powerpc), ERROR_FORMAT, "big-endian");
	check_refused(slice_str("!<arch>\n"), ERROR_FORMAT, "static library");
}

TEST(writes_and_reads_versions)
{
	static const char *const bad[] = {
		"",      ".",    "1.",    "x",  "1.2.3.4",         "1.256",
		"65536", "1..2", "15.2 ", "-1", "1.2.999999999999"
	};
	char text[MACHO_VERSION_TEXT];
	uint32_t v = 9;

	macho_version_text(text, 15U << 16 | 2 << 8);
	CHECK_STR(text, "15.2");
	macho_version_text(text, UINT32_MAX);
	CHECK_STR(text, "65535.255.255");
	CHECK(macho_version_parse(&v, "15") && v == 15U << 16);
	CHECK(macho_version_parse(&v, "15.2.1") && v == (15U << 16 | 2 << 8 | 1));
	CHECK(macho_version_parse(&v, "65535.255.255") && v == UINT32_MAX);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(!macho_version_parse(&v, bad[i]));
	CHECK(v == UINT32_MAX);
}
