/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a large zip that are written while its code is read. */
#include "bundle/early.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "support/zip_check.h"
#include "util/mem.h"

#define APP "Payload/X.app/"

/* In the order of the source; is it written first? */
static const struct {
	const char *name;
	uint32_t mode;
	bool is_early;
} entries[] = {
	{ "META-INF/first.plist", TINY_FILE_MODE, false },
	{ "Payload/", TINY_DIR_MODE, false },
	{ APP, TINY_DIR_MODE, false },
	{ APP "X", TINY_EXEC_MODE, false },
	{ APP "one.png", TINY_FILE_MODE, true },
	{ APP "Info.plist", TINY_FILE_MODE, false },
	{ APP "two.bin", TINY_FILE_MODE, true },
	{ APP "embedded.mobileprovision", TINY_FILE_MODE, false },
	{ APP "NoExtension", TINY_FILE_MODE, false },
	{ APP "run.sh", TINY_EXEC_MODE, false },
	{ APP "link.png", TINY_LINK_MODE, false },
	{ APP "Base.lproj/Info.plist.strings", TINY_FILE_MODE, true },
	{ APP "Frameworks/libz.dylib", TINY_FILE_MODE, false },
	{ APP "Frameworks/K.framework/K", TINY_FILE_MODE, false },
	{ APP "Frameworks/K.framework/k.nib", TINY_FILE_MODE, true },
	{ APP "_CodeSignature/CodeResources", TINY_FILE_MODE, false },
	{ APP "_CodeSignature/old.plist", TINY_FILE_MODE, false },
	{ APP "SC_Info/X.sinf", TINY_FILE_MODE, false },
	{ APP "x.so", TINY_FILE_MODE, false },
	{ APP "x.a", TINY_FILE_MODE, false },
	{ APP "x.o", TINY_FILE_MODE, false },
	{ "Payload/X.apple.png", TINY_FILE_MODE, false },
	{ "Symbols/1.symbols", TINY_FILE_MODE, false },
};

struct work {
	struct scratch folder;
	char *in, *out, *plain;
	struct container c;
};

static void work_free(struct work *w)
{
	container_close(&w->c);
	drop_str(&w->in);
	drop_str(&w->out);
	drop_str(&w->plain);
	scratch_remove(&w->folder);
}

/* An .ipa of at least, or just below, the size from which files come first. */
static bool work_make(struct work *w, size_t size)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(tiny_zip_free) struct tiny_zip empty = TINY_ZIP_INIT;
	struct error err = { 0 };

	for (unsigned pass = 0; pass < 2; pass++) {
		struct tiny_zip *to = pass == 0 ? &empty : &z;
		size_t n = pass == 0 ? 0 : size - empty.bytes.n;
		unsigned char *filler = mem_zero(n + 1, 1);

		for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
			bool is_large = strstr(entries[i].name, "two.bin") != NULL;
			bool is_dir = entries[i].mode == TINY_DIR_MODE;
			struct slice content = slice_str(is_dir ? "" : entries[i].name);

			if (is_large)
				content = slice_of(filler, n);
			if (entries[i].mode == TINY_LINK_MODE)
				content = slice_str("one.png");
			tiny_zip_add(to,
			             &(struct tiny_entry){ .name = entries[i].name,
			                                   .content = content,
			                                   .mode = entries[i].mode });
		}
		tiny_zip_end(to, &(struct tiny_end){ 0 });
		mem_free(filler);
	}
	if (!CHECK(scratch_make(&w->folder)))
		return false;
	w->in = scratch_path(&w->folder, "in.ipa");
	w->out = scratch_path(&w->folder, "out.ipa");
	w->plain = scratch_path(&w->folder, "plain.ipa");
	return CHECK(z.bytes.n == size) &&
	       CHECK(file_write(w->in, buf_slice(&z.bytes), 0644, true, &err)) &&
	       CHECK(container_open(&w->c, w->in, &err));
}

/* Give the entry new content; NULL: none. */
static bool rewrite(struct work *w, const char *out, const char *path,
                    struct error *err)
{
	AUTO(buf_free) struct buf content = BUF_INIT(100);
	char name[100];
	struct container_change change = { .path = name, .content = &content };

	snprintf(name, sizeof name, "%s", path != NULL ? path : "");
	return buf_append_str(&content, "changed", err) &&
	       container_rewrite(&w->c, out, &change, path != NULL, 6, 2, err);
}

static size_t count_files(const struct work *w)
{
	DIR *folder = opendir(w->folder.path);
	size_t n = 0;

	while (folder != NULL && readdir(folder) != NULL)
		n++;
	if (folder != NULL)
		closedir(folder);
	return n - 2;
}

static bool same_bytes(const char *a, const char *b)
{
	AUTO(buf_free) struct buf x = BUF_INIT(100 << 20);
	AUTO(buf_free) struct buf y = BUF_INIT(100 << 20);
	struct error err = { 0 };

	return CHECK(file_read(&x, a, &err)) && CHECK(file_read(&y, b, &err)) &&
	       slice_equal(buf_slice(&x), buf_slice(&y));
}

TEST(chooses_what_signing_leaves_alone)
{
	AUTO(work_free) struct work w = { 0 };

	REQUIRE(work_make(&w, EARLY_MIN_BYTES));
	bool *flags = early_choose(&w.c);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		if (!CHECK(flags[i] == entries[i].is_early))
			fprintf(stderr, "# %s\n", entries[i].name);
	free(flags);
}

TEST(chooses_nothing_of_a_small_zip)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE(work_make(&w, EARLY_MIN_BYTES - 1));
	bool *flags = early_choose(&w.c);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		CHECK(!flags[i]);
	free(flags);
	container_rewrite_begin(&w.c, w.out);
	CHECK(w.c.early == NULL);
	REQUIRE_OK(rewrite(&w, w.out, NULL, &err), &err);
	CHECK(same_bytes(w.in, w.out));
}

/* Where they are, and in which order they are listed. */
static void check_order(const struct work *w)
{
	AUTO(container_close) struct container to = { 0 };
	struct error err = { 0 };
	uint64_t end[2] = { 0 };

	REQUIRE_OK(container_open(&to, w->out, &err), &err);
	REQUIRE(to.zip.count == ARRAY_LEN(entries));
	for (unsigned pass = 2; pass-- > 0;)
		for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
			const struct zip_entry *e = &to.zip.entries[i];

			CHECK_STR(e->name, w->c.zip.entries[i].name);
			if (entries[i].is_early != (pass == 1))
				continue;
			CHECK(e->header_offset == end[0]);
			end[0] += e->local.n;
		}
}

TEST(writes_the_same_begun_before_or_not)
{
	static const char *const changed[] = {
		NULL, APP "X", APP "Info.plist", APP "one.png", APP "two.bin", APP "new"
	};

	for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
		AUTO(work_free) struct work w = { 0 };
		struct error err = { 0 };

		REQUIRE(work_make(&w, EARLY_MIN_BYTES));
		REQUIRE_OK(rewrite(&w, w.plain, changed[i], &err), &err);
		container_rewrite_begin(&w.c, w.out);
		REQUIRE_OK(rewrite(&w, w.out, changed[i], &err), &err);
		CHECK(same_bytes(w.plain, w.out) && count_files(&w) == 3);
		if (i == 0)
			check_order(&w);
	}
}

/* Of another file, or none: it leaves nothing. */
TEST(what_is_not_wanted_goes_away)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE(work_make(&w, EARLY_MIN_BYTES));
	container_rewrite_begin(&w.c, w.plain);
	REQUIRE_OK(rewrite(&w, w.out, NULL, &err), &err);
	CHECK(count_files(&w) == 2 && access(w.plain, F_OK) != 0);
	container_rewrite_begin(&w.c, w.plain);
	container_rewrite_begin(&w.c, w.plain);
	container_close(&w.c);
	CHECK(count_files(&w) == 2);
	w.c = (struct container){ 0 };
}

TEST(what_cannot_be_written_shows_in_the_end)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE(work_make(&w, EARLY_MIN_BYTES));
	AUTO(drop_str) char *nowhere = scratch_path(&w.folder, "no folder/out.ipa");
	container_rewrite_begin(&w.c, nowhere);
	CHECK_FAILS(rewrite(&w, nowhere, NULL, &err), &err, ERROR_NOT_FOUND,
	            "could not create");
}

/* It is asked once: a second file is written anew. */
TEST(a_file_is_taken_once)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE(work_make(&w, EARLY_MIN_BYTES));
	container_rewrite_begin(&w.c, w.out);
	REQUIRE_OK(rewrite(&w, w.out, APP "X", &err), &err);
	REQUIRE(unlink(w.out) == 0);
	REQUIRE_OK(rewrite(&w, w.out, NULL, &err), &err);
	REQUIRE_OK(rewrite(&w, w.plain, NULL, &err), &err);
	CHECK(same_bytes(w.plain, w.out));
}
