/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real Mach-O files, and what fuzzers of other tools made of some: each is read as
 * its line in index.tsv says, signed with a dummy, and read again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "macho/layout.h"
#include "support/harness.h"
#include "support/tiny_macho.h"
#include "support/whole_code.h"
#include "util/file.h"
#include "util/mem.h"

#define MAX_FIELD 16

/* One line of index.tsv, cut at its tabs. */
struct line {
	struct slice field[MAX_FIELD];
	size_t count;
};

enum column {
	FILE_NAME = 0,
	KIND = 3,
	ARCHS = 4,
	TYPE = 5,
	SYSTEM = 6,
	CRYPTID = 11
};

static struct line cut_line(struct slice text)
{
	struct line line = { 0 };

	while (line.count < MAX_FIELD) {
		struct slice before = text, after = { 0 };
		bool more = slice_cut(text, slice_str("\t"), &before, &after);

		line.field[line.count++] = before;
		if (!more)
			break;
		text = after;
	}
	return line;
}

static bool is_field(const struct line *line, enum column i, const char *text)
{
	return slice_equal(line->field[i], slice_str(text));
}

static void check_signed(const struct macho *m, struct slice file,
                         const struct macho_layout *layouts)
{
	struct error err = { 0 };
	struct macho again;

	REQUIRE_OK(macho_parse(&again, file, &err), &err);
	for (size_t i = 0; i < again.count; i++) {
		const struct macho_slice *s = &again.slices[i];

		CHECK(s->sig_offset == layouts[i].code_limit);
		CHECK(s->sig_offset % 16 == 0 && s->sig_size == 112);
		CHECK(s->sig_offset + s->sig_size == s->bytes.n);
		CHECK(s->linkedit_fileoff + s->linkedit_filesize == s->bytes.n);
		CHECK(s->text_filesize == m->slices[i].text_filesize);
	}
}

/* Lay out, write and read again; slices that cannot be signed say why. */
static bool signs(const struct macho *m, struct error *err)
{
	static const unsigned char dummy[100];
	struct macho_layout layouts[MACHO_MAX_SLICES] = { 0 };
	struct slice signatures[MACHO_MAX_SLICES];
	AUTO(macho_plan_free) struct macho_plan plan = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(TINY_MAX_BYTES);
	bool ok = true;

	for (size_t i = 0; i < m->count && ok; i++) {
		signatures[i] = slice_of(dummy, sizeof dummy);
		ok = macho_layout_slice(&layouts[i], &m->slices[i], sizeof dummy, err);
	}
	if (ok) {
		CHECK(macho_plan_file(&plan, m, layouts, err) &&
		      whole_code_emit(&out, m, &plan, layouts, signatures, err));
		check_signed(m, buf_slice(&out), layouts);
	}
	for (size_t i = 0; i < m->count; i++)
		macho_layout_free(&layouts[i]);
	return ok;
}

static bool unsigns(const struct macho *m, struct error *err)
{
	AUTO(buf_free) struct buf out = BUF_INIT(TINY_MAX_BYTES);
	struct macho again;

	if (!macho_unsign(&out, m, err))
		return false;
	CHECK(macho_parse(&again, buf_slice(&out), err));
	for (size_t i = 0; i < m->count; i++)
		CHECK(again.slices[i].sig_command == 0);
	return true;
}

static const char *system_word(enum macho_platform p)
{
	static const char *const words[] = {
		[MACHO_PLATFORM_UNKNOWN] = "?",
		[MACHO_PLATFORM_MACOS] = "macos",
		[MACHO_PLATFORM_IOS] = "ios",
		[MACHO_PLATFORM_TVOS] = "tvos",
		[MACHO_PLATFORM_WATCHOS] = "watchos",
		[MACHO_PLATFORM_IOS_SIM] = "iossim",
	};

	return (size_t)p < ARRAY_LEN(words) && words[p] != NULL ? words[p] : "other";
}

/* The index names no simulators for old files: the CPU tells, and it does not look. */
static bool is_same_system(const struct line *line, const struct macho_slice *s)
{
	char version[MACHO_VERSION_TEXT], sdk[MACHO_VERSION_TEXT];
	enum macho_platform p = s->platform;

	macho_version_text(version, s->min_os);
	macho_version_text(sdk, s->sdk);
	AUTO(drop_str)
	char *text = mem_format("%s %s/%s", system_word(p), version, sdk);
	if (is_field(line, SYSTEM, text) || !s->has_version_command)
		return true;
	drop_str(&text);
	text = mem_format("ios %s/%s", version, sdk);
	return p == MACHO_PLATFORM_IOS_SIM && is_field(line, SYSTEM, text);
}

static void check_archs(const struct line *line, const struct macho *m)
{
	AUTO(buf_free) struct buf names = BUF_INIT(1024);
	struct error err = { 0 };

	for (size_t i = 0; i < m->count; i++) {
		const char *name = macho_arch_name(&m->slices[i]);

		if (strcmp(name, "unknown CPU") == 0)
			return;
		REQUIRE_OK(buf_append_format(&names, &err, "%s%s", i > 0 ? "+" : "",
		                             name),
		           &err);
	}
	CHECK(slice_equal(buf_slice(&names), line->field[ARCHS]));
}

static void check_as_listed(const struct line *line, const struct macho *m)
{
	static const char *const types[] = { [2] = "EXECUTE",
		                             [6] = "DYLIB",
		                             [7] = "DYLINKER",
		                             [8] = "BUNDLE",
		                             [1] = "OBJECT" };
	const struct macho_slice *s = &m->slices[0];

	check_archs(line, m);
	CHECK(m->is_fat == is_field(line, KIND, "fat"));
	if (s->filetype < ARRAY_LEN(types) && types[s->filetype] != NULL)
		CHECK(is_field(line, TYPE, types[s->filetype]));
	CHECK(is_same_system(line, s));
	if (is_field(line, CRYPTID, "1"))
		CHECK(s->has_encryption_info && s->cryptid == 1);
	if (is_field(line, CRYPTID, "None"))
		CHECK(!s->has_encryption_info);
}

struct tally {
	unsigned int files, read, laid_out, unsigned_again;
};

static void try_file(const struct line *line, struct tally *tally)
{
	AUTO(drop_str)
	char *path = mem_format(TESTDATA_DIR "/macho/%.*s", (int)line->field[0].n,
	                        (const char *)line->field[0].p);
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	struct error err = { 0 };
	struct macho m;
	clock_t start = clock();
	bool is_fuzzed = strstr(path, "/fuzzed/") != NULL;

	if (!file_read(&file, path, &err)) {
		error_clear(&err);
		return;
	}
	tally->files++;
	if (macho_parse(&m, buf_slice(&file), &err)) {
		tally->read++;
		if (!is_fuzzed)
			check_as_listed(line, &m);
		tally->laid_out += signs(&m, &err);
		error_clear(&err);
		tally->unsigned_again += unsigns(&m, &err);
	} else if (!is_fuzzed) {
		/* Only PowerPC code, and what the index calls broken. */
		CHECK(is_field(line, ARCHS, "ppc") ||
		      (line->count > 14 && line->field[14].n > 0));
	}
	error_clear(&err);
	CHECK(clock() - start < CLOCKS_PER_SEC);
}

TEST(reads_and_signs_real_files_and_survives_fuzzed_ones)
{
	AUTO(buf_free) struct buf index = BUF_INIT((size_t)1 << 20);
	struct error err = { 0 };
	struct tally tally = { 0 };
	struct slice line = { 0 };

	if (!file_read(&index, TESTDATA_DIR "/macho/index.tsv", &err)) {
		error_clear(&err);
		printf("# SKIP: no real Mach-O files here\n");
		return;
	}
	struct slice rest = buf_slice(&index);
	REQUIRE(slice_cut(rest, slice_str("\n"), &line, &rest));
	while (slice_cut(rest, slice_str("\n"), &line, &rest)) {
		struct line cut = cut_line(line);

		try_file(&cut, &tally);
	}
	printf("# %u files, %u read, %u laid out, %u unsigned\n", tally.files,
	       tally.read, tally.laid_out, tally.unsigned_again);
	CHECK(tally.files > 50 && tally.laid_out > 40);
}
