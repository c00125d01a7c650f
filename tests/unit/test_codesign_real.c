/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real signatures, made by others: known identifiers and hashes (spec codesign.md 13),
 * and every requirement there and back.  Skips where they are absent.  Prints file
 * names only, never what is inside.
 */
#include <dirent.h>
#include <stdlib.h>

#include "bundle/bundle.h"
#include "codesign/requirement.h"
#include "codesign/signature.h"
#include "macho/read.h"
#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

#define CODE_MAX ((size_t)512 << 20)

/* ---- golden data ---- */

struct golden {
	const char *file; /* the end of the path */
	const char *identifier, *arch;
	const char *sha1, *sha256; /* the beginning of each; NULL: none */
	const char *other_build; /* an archive that has another build of it; or NULL */
	bool found;
};

#define ARM64 "arm64"
#define ARMV7 "armv7"

static struct golden golden[] = {
	{ "SmallestAppExample.app/SmallestAppExample", "dev.expo.SmallestAppExample",
	  ARM64, NULL, "6a7c4d78f3a488b1d469edec055af2a547640f5e", NULL, false },
	{ "ShareExtension.appex/ShareExtension",
	  "dev.expo.SmallestAppExample.ShareExtension", ARM64, NULL,
	  "6e5f155e1c240f8e6db1f822fe7da60a7df7a393", NULL, false },
	{ "code-sign-test.app/code-sign-test", "com.bitrise.code-sign-test", ARM64,
	  "49fe9dbbf3a48f93416d117b99b2b48b4f7a7a65",
	  "cb760fc2f725a03c7f03227b40df79675db01feb", NULL, false },
	{ "share-extension.appex/share-extension",
	  "com.bitrise.code-sign-test.share-extension", ARM64,
	  "c479285b204b9f0fdacc9f5049dfb6487aea30b5",
	  "93f5ae99e99f957fce5ea9ad3711c5df790d2f59", NULL, false },
	{ "watchkit-app.app/watchkit-app", "com.bitrise.code-sign-test.watchkitapp",
	  "armv7k", "3f41497112886eb05cb87d3950eb5ab8fad25fc2",
	  "887bc3fd56e6e979408551012f1b8b39b30ebf81", NULL, false },
	{ "watchkit-app Extension.appex/watchkit-app Extension",
	  "com.bitrise.code-sign-test.watchkitapp.watchkitextension", "armv7k",
	  "babd5550611250dbfed2e186535a8b20126f01a6",
	  "f3c6871c860e554860a9e0791da4923c8c4225dc", NULL, false },
	{ "ios-simple-objc.app/ios-simple-objc", "Bitrise.ios-simple-objc", ARMV7,
	  "92301b224780bdaef2874400dd4bcfafeb423c97",
	  "a529001656f6d947d9ac34e5ca7990c93030acee", "30-bitrise2019", false },
	{ "ios-simple-objc.app/ios-simple-objc", "Bitrise.ios-simple-objc", ARM64,
	  "8a178f613f170bf926b784dbc0fef57daaeeb745",
	  "23be70ed2f08444c8c0e080c45c8d7c700129a68", "30-bitrise2019", false },
	{ "NPO Live.app/NPO Live", "bdh.NPO-Live.bitrise.sample", ARM64, NULL,
	  "e6e1a7ad3da76e636519159e868df0f05a5d63e4", NULL, false },
	{ "Fruta iOS Widgets.appex/Fruta iOS Widgets",
	  "io.bitrise.appcliptest.ios-widgets", ARM64, NULL,
	  "5fa36d41f8b898e90a409fdf45b369c5f38cd494", NULL, false },
	{ "Fruta iOS Clip.app/Fruta iOS Clip", "io.bitrise.appcliptest.Clip", ARM64,
	  NULL, "8678b67be474db13e78631ce0ef4e29ca773453d", NULL, false },
	{ "Fruta iOS Clip.app/Fruta iOS Clip", "io.bitrise.samples.fruta.ios.clip",
	  ARM64, NULL, "f0ef535c657b6e05b5d3189af1d2c0a745a1526e", NULL, false },
	{ "watch-test.app/watch-test", "bitrise.watch-test", ARMV7, "cfa9766e",
	  "e9436b80", NULL, false },
	{ "watch-test.app/watch-test", "bitrise.watch-test", ARM64, "57914c63",
	  "14fa406e", NULL, false },
};

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* Does the set have one of this digest whose hash begins so, or, NULL, none? */
static bool has_cdhash(const struct codedir_set *set, enum digest digest,
                       const char *beginning)
{
	for (size_t i = 0; i < set->count; i++) {
		unsigned char cdhash[CODEDIR_CDHASH_BYTES];
		char hex[2 * CODEDIR_CDHASH_BYTES + 1];

		if (set->cds[i].digest != digest)
			continue;
		codedir_cdhash(cdhash, &set->cds[i]);
		digest_hex(hex, slice_of(cdhash, sizeof cdhash));
		return beginning != NULL &&
		       strncmp(hex, beginning, strlen(beginning)) == 0;
	}
	return beginning == NULL;
}

static void compare_golden(const char *archive, const char *path,
                           const struct macho_slice *m, const struct signature *s)
{
	for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
		struct golden *g = &golden[i];

		if (!ends_with(path, g->file) ||
		    strcmp(s->cds.cds[0].identifier, g->identifier) != 0 ||
		    strcmp(macho_arch_name(m), g->arch) != 0 ||
		    (g->other_build != NULL && strstr(archive, g->other_build) != NULL))
			continue;
		g->found = true;
		if (!CHECK(has_cdhash(&s->cds, DIGEST_SHA1, g->sha1)) ||
		    !CHECK(has_cdhash(&s->cds, DIGEST_SHA256, g->sha256)))
			printf("# %s: %s\n", archive, path);
	}
}

/* ---- requirements ---- */

static size_t sets_checked, entries_checked;

/* What is printed compiles to the same bytes. */
static void there_and_back(const char *path, struct slice blob)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);
	AUTO(buf_free) struct buf again = BUF_INIT(CODESIGN_MAX_BYTES);
	struct requirement_set set;

	if (blob.n == 0)
		return;
	REQUIRE_OK(requirement_set_parse(&set, blob, &err), &err);
	REQUIRE_OK(requirement_set_print(&text, blob, &err), &err);
	REQUIRE_OK(requirement_set_compile(&again, buf_slice(&text), &err), &err);
	if (!CHECK(slice_equal(blob, buf_slice(&again))))
		printf("# %s\n", path);
	sets_checked++;
	entries_checked += set.count;
}

static void check_code(const char *archive, const char *path, struct slice code)
{
	struct error err = { 0 };
	struct macho m;
	struct signature s;

	if (!macho_parse(&m, code, &err))
		return; /* broken on purpose: test_macho_real */
	for (size_t i = 0; i < m.count; i++) {
		struct slice area = macho_signature(&m.slices[i]);

		error_clear(&err);
		if (area.n == 0 || !signature_parse(&s, area, &err))
			continue;
		compare_golden(archive, path, &m.slices[i], &s);
		there_and_back(path, s.requirements);
	}
}

/* ---- where they are ---- */

static void check_archive(const char *path)
{
	struct error err = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(bundle_tree_free) struct bundle_tree tree = { 0 };
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .only_code = true,
		                      .threads = 2 };

	REQUIRE_OK(container_open(&c, path, &err), &err);
	REQUIRE_OK(scan_app(&scan, &c, &how, &err), &err);
	REQUIRE_OK(bundle_find(&tree, &c, &scan, &err), &err);
	for (size_t i = 0; i < tree.count; i++) {
		AUTO(buf_free) struct buf code = BUF_INIT(CODE_MAX);
		const struct bundle *b = tree.items[i];
		const struct container_file *file = container_find(&c, b->code);

		if (file == NULL || file->type != CONTAINER_FILE)
			continue;
		REQUIRE_OK(container_read(&code, &c, file, &err), &err);
		check_code(path, b->code, buf_slice(&code));
	}
}

static void check_macho(const char *path)
{
	struct error err = { 0 };
	AUTO(file_unmap) struct file_map map = { 0 };

	REQUIRE_OK(file_map(&map, path, &err), &err);
	check_code(path, path, map.bytes);
}

static size_t each_file(const char *folder, void (*visit)(const char *path))
{
	AUTO(drop_str) char *base = mem_format("%s/%s", TESTDATA_DIR, folder);
	AUTO(drop_dir) DIR *dir = opendir(base);
	size_t n = 0;

	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		AUTO(drop_str) char *path = mem_format("%s/%s", base, e->d_name);

		if (e->d_type != DT_REG || strstr(e->d_name, ".tsv") != NULL)
			continue;
		visit(path);
		n++;
	}
	return n;
}

TEST(real_signatures_have_the_known_hashes_and_requirements_come_back)
{
	size_t found = 0, n = each_file("apps", check_archive) +
	                      each_file("apps/partial", check_archive) +
	                      each_file("macho", check_macho);

	if (n == 0) {
		printf("# SKIP: no real artifacts\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
		found += golden[i].found;
		if (!golden[i].found)
			printf("# not there: %s (%s)\n", golden[i].file,
			       golden[i].arch);
	}
	printf("# %zu of %zu golden files, %zu requirement sets with %zu entries\n",
	       found, ARRAY_LEN(golden), sets_checked, entries_checked);
	CHECK(found > 0 && sets_checked > 50 && entries_checked > 50);
}
