/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a folder has that signing knows.
 */
#include "artifact/find.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"

static bool put_bytes(const struct scratch *s, const char *name, struct slice bytes)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	AUTO(drop_str) char *folder = mem_copy(path);
	struct error err = { 0 };

	*strrchr(folder, '/') = '\0';
	return test_ok(file_make_dir(folder, 0755, &err) &&
	                       file_write(path, bytes, 0644, false, &err),
	               &err, __FILE__, __LINE__, name);
}

static bool put(const struct scratch *s, const char *name)
{
	return put_bytes(s, name, slice_str("x"));
}

static const struct artifact_found *found(const struct artifact_list *list,
                                          const struct scratch *s, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].path, path) == 0)
			return &list->items[i];
	return NULL;
}

static bool find(struct artifact_list *out, const struct scratch *s,
                 const struct artifact_find_how *how)
{
	const struct artifact_find_how usual = { 0 };
	struct error err = { 0 };

	return test_ok(artifact_find(out, s->path, how != NULL ? how : &usual, &err),
	               &err, __FILE__, __LINE__, "artifact_find");
}

TEST(all_of_interest_is_listed_in_order)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	static const struct {
		const char *name;
		enum artifact_kind kind;
	} want[] = {
		{ "A.ipa", ARTIFACT_APP },
		{ "B.mobileprovision", ARTIFACT_PROFILE },
		{ "build/Shop.ipa", ARTIFACT_APP },
		{ "c.cer", ARTIFACT_CERT },
		{ "deep/er/x.p12", ARTIFACT_P12 },
		{ "deep/ExportOptions.plist", ARTIFACT_EXPORT_OPTIONS },
		{ "deep/Shop.entitlements", ARTIFACT_ENTITLEMENTS },
	};

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		REQUIRE(put(&s, want[i].name));
	REQUIRE(put(&s, "README") && put(&s, "a.txt") && put(&s, "deep/Info.plist"));
	REQUIRE(find(&list, &s, NULL));
	CHECK(list.count == ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct artifact_found *f = found(&list, &s, want[i].name);
		CHECK(f != NULL && f->kind == want[i].kind);
	}
	for (size_t i = 1; i < list.count; i++)
		CHECK(strcmp(list.items[i - 1].path, list.items[i].path) < 0);
	CHECK(list.cut == NULL && list.unreadable == 0);
	CHECK(list.looked == ARRAY_LEN(want) + 3 + 3);
}

TEST(apps_archives_and_projects_are_whole)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "A.app/embedded.mobileprovision"));
	REQUIRE(put(&s, "B.xcarchive/Products/Applications/B.app/x.cer"));
	REQUIRE(put(&s, "C.xcodeproj/project.pbxproj") && put(&s, "C.xcodeproj/x.cer"));
	/* A file of that name is no project. */
	REQUIRE(put(&s, "sub/D.xcodeproj/x.cer") && put(&s, "E.cer/x.p12"));
	REQUIRE(find(&list, &s, NULL));
	CHECK(list.count == 5);
	CHECK(found(&list, &s, "A.app")->kind == ARTIFACT_APP);
	CHECK(found(&list, &s, "B.xcarchive")->kind == ARTIFACT_APP);
	CHECK(found(&list, &s, "C.xcodeproj")->kind == ARTIFACT_PROJECT);
	CHECK(found(&list, &s, "sub/D.xcodeproj") != NULL);
	/* A folder that is called like a certificate is a folder. */
	CHECK(found(&list, &s, "E.cer/x.p12") != NULL);
}

TEST(what_builds_and_managers_make_is_left_out)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	static const char *const skipped[] = { ".git",        "node_modules", "Pods",
		                               "DerivedData", ".build",       ".svn",
		                               "Carthage",    "__MACOSX" };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(skipped); i++) {
		AUTO(drop_str) char *name = mem_format("%s/x.cer", skipped[i]);

		CHECK(artifact_find_skips(skipped[i]));
		REQUIRE(put(&s, name));
	}
	REQUIRE(put(&s, "pods/x.cer") && put(&s, ".github/x.cer"));
	REQUIRE(find(&list, &s, NULL));
	CHECK(list.count == 2 && !artifact_find_skips("build"));
	CHECK(found(&list, &s, "pods/x.cer") != NULL);
}

TEST(names_that_say_little_are_looked_into)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	struct slice pem_key = slice_str("-----BEGIN PRIVATE K"
	                                 "EY-----\nx");
	struct slice pem_cert = slice_str("-----BEGIN CERTIFICATE-----\nx");

	REQUIRE(scratch_make(&s));
	REQUIRE(put_bytes(&s, "a.pem", pem_key) && put_bytes(&s, "b.pem", pem_cert));
	REQUIRE(put_bytes(&s, "c", fake_pki()->developer.cert.der));
	REQUIRE(put_bytes(&s, "d.cer", pem_key)); /* misnamed */
	REQUIRE(put_bytes(&s, "e.key", slice_str("PK\3\4 of Keynote")));
	REQUIRE(put_bytes(&s, "f.pem", slice_str("nothing")));
	REQUIRE(put_bytes(&s, "g.cer", slice_str(""))); /* broken: of interest */
	REQUIRE(find(&list, &s, NULL));
	CHECK(list.count == 5);
	CHECK(found(&list, &s, "a.pem")->kind == ARTIFACT_KEY);
	CHECK(found(&list, &s, "b.pem")->kind == ARTIFACT_CERT);
	CHECK(found(&list, &s, "c")->kind == ARTIFACT_CERT);
	CHECK(found(&list, &s, "d.cer")->kind == ARTIFACT_KEY);
	CHECK(found(&list, &s, "g.cer")->kind == ARTIFACT_CERT);
}

TEST(links_are_not_followed)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(scratch_remove) struct scratch other = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 }, through = { 0 };
	const struct artifact_find_how usual = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s) && scratch_make(&other));
	REQUIRE(put(&other, "x.cer") && put(&s, "own.cer"));
	AUTO(drop_str) char *link = scratch_path(&s, "folder");
	AUTO(drop_str) char *loop = scratch_path(&s, "loop");
	AUTO(drop_str) char *file = scratch_path(&s, "linked.cer");
	AUTO(drop_str) char *target = scratch_path(&other, "x.cer");
	REQUIRE(symlink(other.path, link) == 0 && symlink(".", loop) == 0);
	REQUIRE(symlink(target, file) == 0);
	REQUIRE(find(&list, &s, NULL));
	CHECK(list.count == 1 && found(&list, &s, "own.cer") != NULL);
	/* But the folder that was named may be one. */
	REQUIRE_OK(artifact_find(&through, link, &usual, &err), &err);
	CHECK(through.count == 1);
}

/* So many are listed and looked at, and was that all? */
static void check_walk(const struct scratch *s, const struct artifact_find_how *how,
                       size_t count, size_t looked, bool is_all)
{
	AUTO(artifact_list_free) struct artifact_list list = { 0 };

	REQUIRE(find(&list, s, how));
	CHECK(list.count == count && list.looked == looked);
	CHECK((list.cut == NULL) == is_all);
}

TEST(limits_end_the_walk_and_are_told)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	const struct artifact_find_how three = { .max_found = 3 },
				       four = { .max_looked = 4 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "1.cer") && put(&s, "2.cer") && put(&s, "3.cer"));
	check_walk(&s, &three, 3, 3, true);
	REQUIRE(put(&s, "4.cer"));
	check_walk(&s, &three, 3, 4, false);
	check_walk(&s, &four, 4, 4, true);
	REQUIRE(put(&s, "5.cer"));
	check_walk(&s, &four, 4, 4, false);
}

TEST(depth_is_limited_and_the_rest_is_found)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 }, cut = { 0 };
	const struct artifact_find_how three = { .max_depth = 3 },
				       two = { .max_depth = 2 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "a/b/c.cer") && put(&s, "a/z.cer") && put(&s, "z.cer"));
	REQUIRE(find(&list, &s, &three));
	CHECK(list.count == 3 && list.cut == NULL);
	REQUIRE(find(&cut, &s, &two));
	CHECK(cut.count == 2 && cut.cut != NULL);
}

TEST(folders_that_cannot_be_read_are_counted)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "shut/x.cer") && put(&s, "y.cer"));
	AUTO(drop_str) char *shut = scratch_path(&s, "shut");
	if (geteuid() == 0) {
		printf("# skipped: root reads everything\n");
		return;
	}
	REQUIRE(chmod(shut, 0) == 0);
	bool ok = find(&list, &s, NULL);
	chmod(shut, 0755);
	REQUIRE(ok);
	CHECK(list.count == 1 && list.unreadable == 1);
}

TEST(a_folder_that_is_not_there_is_an_error)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	const struct artifact_find_how usual = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *none = scratch_path(&s, "none");
	CHECK_FAILS(artifact_find(&list, none, &usual, &err), &err, ERROR_NOT_FOUND,
	            "none");
	CHECK(list.items == NULL);
}

TEST(an_empty_folder_has_nothing)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_list_free) struct artifact_list list = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(find(&list, &s, NULL));
	CHECK(list.count == 0 && list.looked == 0 && list.cut == NULL);
}

TEST(one_looks_into_folders_that_are_nothing_else)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "A.app/x") && put(&s, "plug/Info.plist") &&
	        put(&s, "dir/x.cer"));
	AUTO(drop_str) char *app = scratch_path(&s, "A.app");
	AUTO(drop_str) char *plug = scratch_path(&s, "plug");
	AUTO(drop_str) char *dir = scratch_path(&s, "dir");
	AUTO(drop_str) char *file = scratch_path(&s, "dir/x.cer");
	AUTO(drop_str) char *none = scratch_path(&s, "none");
	CHECK(artifact_find_is_for(dir) && artifact_find_is_for(s.path));
	CHECK(!artifact_find_is_for(app) && !artifact_find_is_for(plug));
	CHECK(!artifact_find_is_for(file) && !artifact_find_is_for(none));
}
