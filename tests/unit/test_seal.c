/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a bundle's seal speaks of: listed and hashed. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/seal.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "support/tiny_zip.h"
#include "util/mem.h"

/* The bundle "X.app" of a zip; in a folder it is the container itself. */
struct fixture {
	struct scratch folder;
	struct container c;
	struct bundle bundle;
	const char *prefix;
};

static void fixture_free(struct fixture *f)
{
	container_close(&f->c);
	scratch_remove(&f->folder);
}

static const char *const names[] = {
	"X",     "_CodeSignature/CodeResources",     "CodeResources", "data", "link",
	"sub/X", "sub/_CodeSignature/CodeResources", "sub/empty",
};

static const char *content_of(const char *name)
{
	return strcmp(name, "sub/empty") == 0 ? "" : name;
}

static bool make_zip(struct fixture *f, struct error *err)
{
	static char below[] = "X.app", executable[] = "X";
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(&f->folder, "a.zip");

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/sub/",
	                                       .mode = TINY_DIR_MODE });
	/* Beside the bundle, before it and behind it. */
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app-/other" });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app0" });
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO(drop_str) char *name = mem_format("X.app/%s", names[i]);
		bool is_link = strcmp(names[i], "link") == 0;

		tiny_zip_add(&z, &(struct tiny_entry){
					 .name = name,
					 .content = slice_str(content_of(names[i])),
					 .deflated = i % 2 == 1,
					 .mode = is_link ? TINY_LINK_MODE
		                                         : TINY_FILE_MODE });
	}
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	f->prefix = "X.app/";
	f->bundle = (struct bundle){ .path = below, .executable = executable };
	return file_write(path, buf_slice(&z.bytes), 0644, true, err) &&
	       container_open(&f->c, path, err);
}

static bool make_folder(struct fixture *f, struct error *err)
{
	static char nowhere[] = "", executable[] = "X";
	AUTO(drop_str) char *top = scratch_path(&f->folder, "X.app");

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO(drop_str) char *path = mem_format("%s/%s", top, names[i]);
		AUTO(drop_str)
		char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

		if (!file_make_dir(folder, 0755, err))
			return false;
		if (strcmp(names[i], "link") == 0) {
			if (symlink("link", path) != 0)
				return error_set_errno(err, "symlink");
		} else if (!file_write(path, slice_str(content_of(names[i])), 0644,
		                       true, err)) {
			return false;
		}
	}
	f->prefix = "";
	f->bundle = (struct bundle){ .path = nowhere, .executable = executable };
	return container_open(&f->c, top, err);
}

static bool make(struct fixture *f, bool zipped, struct error *err)
{
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	return zipped ? make_zip(f, err) : make_folder(f, err);
}

/* Read everything, then list what is sealed. */
static bool collect(struct seal_files *out, const struct container *c,
                    const struct bundle *b, const struct seal_overlay *overlay,
                    unsigned threads, struct error *err)
{
	AUTO(scan_free) struct scan scan = { 0 };
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .hash_code = true,
		                      .threads = threads };

	return scan_app(&scan, c, &how, err) &&
	       seal_collect(out, &scan, b, overlay, err);
}

static const struct resource_file *find(const struct seal_files *files,
                                        const char *path)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].path, path) == 0)
			return &files->items[i];
	return NULL;
}

static void check_file(const struct seal_files *files, const char *path,
                       const char *content)
{
	unsigned char want[DIGEST_MAX_BYTES];
	const struct resource_file *file = find(files, path);

	REQUIRE(file != NULL && file->link_target == NULL);
	CHECK(file->has_sha1 && file->has_sha256);
	digest_of(want, DIGEST_SHA1, slice_str(content));
	CHECK(memcmp(want, file->sha1, sizeof file->sha1) == 0);
	digest_of(want, DIGEST_SHA256, slice_str(content));
	CHECK(memcmp(want, file->sha256, sizeof file->sha256) == 0);
}

TEST(lists_what_is_sealed_and_hashes_it)
{
	for (unsigned i = 0; i < 4; i++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };
		AUTO(seal_files_free) struct seal_files files = { 0 };

		REQUIRE_OK(make(&f, i % 2 == 1, &err), &err);
		REQUIRE_OK(collect(&files, &f.c, &f.bundle, NULL, 1 + i, &err), &err);
		/* Not the executable and the seal, but those further down. */
		CHECK(files.count == 5);
		check_file(&files, "data", "data");
		check_file(&files, "sub/X", "sub/X");
		check_file(&files, "sub/_CodeSignature/CodeResources",
		           "sub/_CodeSignature/CodeResources");
		check_file(&files, "sub/empty", "");
		const struct resource_file *link = find(&files, "link");
		REQUIRE(link != NULL);
		CHECK_STR(link->link_target, "link");
		CHECK(!link->has_sha1 && !link->has_sha256);
	}
}

/* ---- with changes ---- */

/* Sorted by path. */
static const struct {
	const char *path, *content; /* NULL: gone */
} changed[] = {
	{ "X", "code" },          { "_CodeSignature/CodeResources", "seal" },
	{ "data", "other data" }, { "new/file", "new" },
	{ "sub/X", NULL },
};

struct overlay {
	struct seal_change changes[ARRAY_LEN(changed)];
	char *paths[ARRAY_LEN(changed)];
};

static void overlay_make(struct overlay *o, const char *prefix)
{
	unsigned char hash[DIGEST_MAX_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
		struct seal_change *c = &o->changes[i];
		const char *content = changed[i].content;

		o->paths[i] = mem_format("%s%s", prefix, changed[i].path);
		c->path = o->paths[i];
		c->is_gone = content == NULL;
		if (content == NULL)
			continue;
		digest_of(hash, DIGEST_SHA1, slice_str(content));
		memcpy(c->sha1, hash, sizeof c->sha1);
		digest_of(hash, DIGEST_SHA256, slice_str(content));
		memcpy(c->sha256, hash, sizeof c->sha256);
	}
}

static void overlay_free(struct overlay *o)
{
	for (size_t i = 0; i < ARRAY_LEN(o->paths); i++)
		free(o->paths[i]);
}

TEST(hashes_what_signing_has_changed_so_far)
{
	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(overlay_free) struct overlay o = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };
		AUTO(seal_files_free) struct seal_files files = { 0 };

		REQUIRE_OK(make(&f, zipped, &err), &err);
		overlay_make(&o, f.prefix);
		const struct seal_overlay overlay = { o.changes, ARRAY_LEN(changed) };
		REQUIRE_OK(collect(&files, &f.c, &f.bundle, &overlay, 2, &err), &err);
		CHECK(files.count == 5);
		check_file(&files, "data", "other data");
		check_file(&files, "new/file", "new");
		check_file(&files, "sub/empty", "");
		CHECK(find(&files, "sub/X") == NULL && find(&files, "X") == NULL);
	}
}

TEST(leaves_out_the_executable_of_the_macos_layout)
{
	static char path[] = "X.app", executable[] = "Contents/MacOS/X";
	const struct bundle b = { .path = path,
		                  .executable = executable,
		                  .is_deep = true };
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(seal_files_free) struct seal_files files = { 0 };

	REQUIRE(scratch_make(&f.folder));
	AUTO(drop_str) char *file = scratch_path(&f.folder, "a.zip");
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/beside" });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/Contents/MacOS/X" });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/Contents/MacOS/Y" });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	REQUIRE_OK(file_write(file, buf_slice(&z.bytes), 0644, true, &err), &err);
	REQUIRE_OK(container_open(&f.c, file, &err), &err);
	REQUIRE_OK(collect(&files, &f.c, &b, NULL, 1, &err), &err);
	REQUIRE(files.count == 1);
	CHECK_STR(files.items[0].path, "MacOS/Y");
}

TEST(refuses_what_cannot_be_sealed_or_read)
{
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(seal_files_free) struct seal_files files = { 0 };

	REQUIRE_OK(make(&f, false, &err), &err);
	AUTO(drop_str) char *fifo = scratch_path(&f.folder, "X.app/fifo");
	AUTO(drop_str) char *data = scratch_path(&f.folder, "X.app/data");
	REQUIRE(unlink(data) == 0);
	CHECK_FAILS(collect(&files, &f.c, &f.bundle, NULL, 2, &err), &err,
	            ERROR_NOT_FOUND, "X.app/data");
	REQUIRE(symlink("sub/X", data) == 0);
	CHECK(!collect(&files, &f.c, &f.bundle, NULL, 2, &err));
	error_clear(&err);
	REQUIRE(mkfifo(fifo, 0600) == 0);
	AUTO(drop_str) char *top = mem_copy(f.c.path);
	container_close(&f.c);
	REQUIRE_OK(container_open(&f.c, top, &err), &err);
	CHECK_FAILS(collect(&files, &f.c, &f.bundle, NULL, 2, &err), &err, ERROR_FORMAT,
	            "\"fifo\" is no file, folder or symlink");
	CHECK(files.items == NULL);
}
