/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes in an app that is signed again: ids, versions, names, what is embedded
 * (spec codesign.md 10: P14, P16).
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/sign_fixture.h"
#include "util/file.h"
#include "util/mem.h"

#define MAX_FILE ((size_t)16 << 20)
#define NEW_ID   "com.new.thing"

/* A request for the whole app of the fixture; the test sets its edits. */
struct resign {
	struct fixture f;
	struct sign_profile p;
	struct sign_request request;
};

static void resign_free(struct resign *r)
{
	fixture_free(&r->f);
}

static bool resign_make(struct resign *r, const struct good_how *how, struct error *err)
{
	if (!fixture_make(&r->f, how, err))
		return false;
	r->p = borrow(&r->f.wild);
	r->request = test_team_request(&team, &team.distribution, &r->p, 1);
	return true;
}

static bool resign(struct resign *r, struct error *err)
{
	return sign_with(r->f.in, r->f.out, &r->request, err);
}

/* The Info.plist of a folder of the fixture; {0} of *bytes was initialised. */
static struct pl *info_of(const struct resign *r, const char *folder, struct buf *bytes)
{
	AUTO(drop_str) char *name = mem_format("%s/Info.plist", folder);
	AUTO(drop_str) char *path = scratch_path(&r->f.folder, name);
	struct error err = { 0 };
	struct pl *out = NULL;

	if (!CHECK(file_read(bytes, path, &err) &&
	           pl_parse(&out, buf_slice(bytes), name, &err)))
		printf("# %s: %s\n", name, err.message);
	return out;
}

static void check_info(const struct resign *r, const char *folder, const char *key,
                       const char *want)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_FILE);
	AUTO(drop_pl) struct pl *info = info_of(r, folder, &bytes);
	const char *got = pl_string(info, key);

	CHECK_STR(got != NULL ? got : "(none)", want);
}

static bool is_there(const struct resign *r, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(&r->f.folder, name);

	return access(path, F_OK) == 0;
}

/* ---- ids ---- */

TEST(a_new_bundle_id_is_followed_by_all_that_is_named_for_the_app)
{
	static const struct {
		const char *folder, *id;
	} want[] = {
		{ "Out.app", NEW_ID },
		{ "Out.app/PlugIns/Share.appex", NEW_ID ".share" },
		{ "Out.app/Watch/W.app", NEW_ID ".watch" },
		{ "Out.app/Watch/W.app/PlugIns/WX.appex", NEW_ID ".watch.ext" },
		{ "Out.app/AppClips/Clip.app", NEW_ID ".Clip" },
		/* a library is found by its id: it stays */
		{ "Out.app/Frameworks/Kit.framework", GOOD_APP_ID ".kit" },
	};
	AUTO(resign_free) struct resign r = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_FILE);
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	r.request.edits.bundle_id = NEW_ID;
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		check_info(&r, want[i].folder, "CFBundleIdentifier", want[i].id);
	check_info(&r, "Out.app/Watch/W.app", "WKCompanionAppBundleIdentifier", NEW_ID);
	AUTO(drop_pl)
	struct pl *info = info_of(&r, "Out.app/Watch/W.app/PlugIns/WX.appex", &bytes);
	const struct pl *extension = pl_get(info, "NSExtension");
	CHECK_STR(pl_string(pl_get(extension, "NSExtensionAttributes"),
	                    "WKAppBundleIdentifier"),
	          NEW_ID ".watch");
	/* what stands beside it stays */
	CHECK_STR(pl_string(extension, "NSExtensionPointIdentifier"),
	          "com.apple.watchkit");
	REQUIRE_OK(open_code(&o, r.f.out, "Watch/W.app/W", &err), &err);
	CHECK_STR(best_cd(&o, 0)->identifier, NEW_ID ".watch");
}

TEST(an_id_that_only_looks_alike_does_not_follow)
{
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };
	static const char info[] =
		"<plist version=\"1.0\"><dict><key>CFBundleIdentifier</key>"
		"<string>" GOOD_APP_ID "s.share</string><key>CFBundleExecutable</key>"
		"<string>Share</string><key>CFBundleVersion</key><string>1</string>"
		"<key>CFBundleName</key><string>S</string>"
		"<key>CFBundleDisplayName</key><string>S</string>"
		"<key>NSExtension</key><dict><key>NSExtensionPointIdentifier</key>"
		"<string>com.apple.share-services</string></dict></dict></plist>";
	struct sign_rename map = { mem_copy(GOOD_APP_ID "s.share"),
		                   mem_copy(NEW_ID ".other") };
	AUTO(drop_str) char *from = map.from;
	AUTO(drop_str) char *to = map.to;

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	REQUIRE_OK(fixture_put(&r.f, "App.app/PlugIns/Share.appex/Info.plist",
	                       slice_str(info), 0644, &err),
	           &err);
	r.request.edits.bundle_id = NEW_ID;
	/* so a device would refuse it: said before the work, with the way out */
	check_plan_refused(&r.f, &r.request, ERROR_VERIFY, "would not be named for",
	                   "bundle.appex-prefix");
	r.request.edits.renames = &map;
	r.request.edits.rename_count = 1;
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	check_info(&r, "Out.app/PlugIns/Share.appex", "CFBundleIdentifier",
	           NEW_ID ".other");
}

/* Plan with one rename. */
static void check_map(struct resign *r, const char *from, const char *to,
                      enum error_code code, const char *text, const char *id)
{
	AUTO(drop_str) char *old = mem_copy(from);
	AUTO(drop_str) char *new = mem_copy(to);
	const struct sign_rename map = { old, new };

	r->request.edits.renames = &map;
	r->request.edits.rename_count = 1;
	check_plan_refused(&r->f, &r->request, code, text, id);
	r->request.edits.renames = NULL;
	r->request.edits.rename_count = 0;
}

TEST(a_map_is_for_exactly_one_id_and_wins)
{
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };
	AUTO(drop_str) char *share = mem_copy(GOOD_APP_ID ".share");
	AUTO(drop_str) char *other = mem_copy(NEW_ID ".mapped");
	AUTO(drop_str) char *kit = mem_copy(GOOD_APP_ID ".kit");
	AUTO(drop_str) char *lib = mem_copy("com.lib.kit");
	const struct sign_rename maps[] = { { share, other }, { kit, lib } };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	r.request.edits = (struct sign_edits){ .bundle_id = NEW_ID,
		                               .renames = maps,
		                               .rename_count = 2 };
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	check_info(&r, "Out.app/PlugIns/Share.appex", "CFBundleIdentifier", other);
	check_info(&r, "Out.app/Watch/W.app", "CFBundleIdentifier", NEW_ID ".watch");
	/* a library too, when it is named */
	check_info(&r, "Out.app/Frameworks/Kit.framework", "CFBundleIdentifier", lib);
	/* without -b nothing else moves */
	AUTO(drop_str) char *again = mem_copy(GOOD_APP_ID ".else");
	const struct sign_rename one = { share, again };
	r.request.edits = (struct sign_edits){ .renames = &one, .rename_count = 1 };
	drop_str(&r.f.out);
	r.f.out = scratch_path(&r.f.folder, "One.app");
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	check_info(&r, "One.app", "CFBundleIdentifier", GOOD_APP_ID);
	check_info(&r, "One.app/PlugIns/Share.appex", "CFBundleIdentifier", again);
	check_info(&r, "One.app/Watch/W.app", "CFBundleIdentifier",
	           GOOD_APP_ID ".watch");
}

TEST(maps_that_make_no_sense_are_refused)
{
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	check_map(&r, "com.ex.nobody", "com.ex.x", ERROR_USAGE, "\"com.ex.nobody\"",
	          GOOD_APP_ID ".watch.ext");
	check_map(&r, GOOD_APP_ID ".share", GOOD_APP_ID ".watch", ERROR_USAGE,
	          "two bundles would have the id", "bundle.duplicate-id");
	check_map(&r, GOOD_APP_ID ".share", "com.other.share", ERROR_VERIFY,
	          "would not be named for", "bundle.appex-prefix");
	check_map(&r, GOOD_APP_ID ".watch", "com.other.watch", ERROR_VERIFY,
	          "would not be named for", "-prefix");
	check_map(&r, GOOD_APP_ID ".Clip", "com.other.Clip", ERROR_VERIFY,
	          "would not be named for", "bundle.clip-prefix");
	check_map(&r, GOOD_APP_ID, "com.new", ERROR_VERIFY, "would not be named for",
	          "-prefix");
	/* what is removed has no id any more */
	static const char *const share = "Share.appex";
	r.request.edits.removals = &share;
	r.request.edits.removal_count = 1;
	check_map(&r, GOOD_APP_ID ".share", GOOD_APP_ID ".x", ERROR_USAGE,
	          "nothing inside has the bundle id", "");
}

/* The 155 bytes that an id may have, n of them after the app's. */
TEST(an_id_that_would_become_too_long_is_refused)
{
	AUTO(resign_free) struct resign r = { 0 };
	char id[160];
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	memset(id, 'a', sizeof id);
	r.request.edits.bundle_id = id;
	/* the longest that follows is "….watch.ext" */
	id[155 - 10] = '\0';
	REQUIRE_OK(resign(&r, &err), &err);
	id[155 - 10] = 'a';
	id[155 - 9] = '\0';
	check_plan_refused(&r.f, &r.request, ERROR_USAGE, "too long a bundle id", "");
}

TEST(a_bare_file_has_nothing_to_change)
{
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &app_only, &err), &err);
	AUTO(drop_str) char *app = r.f.in;
	r.f.in = scratch_path(&r.f.folder, "App.app/App");
	r.request.edits.version = "2";
	check_plan_refused(&r.f, &r.request, ERROR_USAGE, "bare Mach-O file", "");
	r.request.is_one_of_many = true;
	REQUIRE_OK(resign(&r, &err), &err);
}

/* ---- versions, names ---- */

TEST(versions_are_those_of_all_that_runs_in_the_app)
{
	static const char *const folders[] = { "Out.app", "Out.app/PlugIns/Share.appex",
		                               "Out.app/Watch/W.app",
		                               "Out.app/Watch/W.app/PlugIns/WX.appex",
		                               "Out.app/AppClips/Clip.app" };
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	r.request.edits.version = "12.0.7";
	r.request.edits.build = "813";
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		check_info(&r, folders[i], "CFBundleShortVersionString", "12.0.7");
		check_info(&r, folders[i], "CFBundleVersion", "813");
	}
	check_info(&r, "Out.app", "CFBundleIdentifier", GOOD_APP_ID);
	check_info(&r, "Out.app", "CFBundleDisplayName", "(none)");
	check_info(&r, "Out.app/Frameworks/Kit.framework", "CFBundleVersion", "1");
}

/* The notes of the app's step. */
static char *app_notes(struct resign *r)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };
	char *out = mem_copy("");

	if (!CHECK(container_open(&c, r->f.in, &err) &&
	           sign_plan_make(&plan, &c, &r->request, &err)) ||
	    plan.count == 0)
		return out;
	const struct sign_step *app = &plan.steps[plan.count - 1];
	for (size_t i = 0; i < app->note_count; i++) {
		char *more = mem_format("%s%s\n", out, app->notes[i]);

		free(out);
		out = more;
	}
	return out;
}

TEST(a_new_name_warns_of_translations)
{
	static const char *const there[] = { "App.app/de.lproj/InfoPlist.strings",
		                             "App.app/fr.lproj/InfoPlist.strings",
		                             "App.app/it.lproj/InfoPlist.strings",
		                             "App.app/InfoPlist.loctable" };
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &app_only, &err), &err);
	REQUIRE_OK(fixture_put(&r.f, "App.app/sub/de.lproj/InfoPlist.strings",
	                       slice_str("x"), 0644, &err),
	           &err);
	r.request.edits.display_name = "Böse & <Neu>";
	AUTO(drop_str) char *before = app_notes(&r);
	CHECK(strstr(before, "translated") == NULL);
	for (size_t i = 0; i < ARRAY_LEN(there); i++)
		REQUIRE_OK(fixture_put(&r.f, there[i], slice_str("x"), 0644, &err),
		           &err);
	AUTO(drop_str) char *notes = app_notes(&r);
	CHECK(strstr(notes, "translated: InfoPlist.loctable, "
	                    "de.lproj/InfoPlist.strings, fr.lproj/InfoPlist.strings, "
	                    "...\n") != NULL);
	r.request.edits.display_name = NULL;
	AUTO(drop_str) char *none = app_notes(&r);
	CHECK(strstr(none, "translated") == NULL);
	r.request.edits.display_name = "Böse & <Neu>";
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	check_info(&r, "Out.app", "CFBundleDisplayName", "Böse & <Neu>");
}

TEST(only_the_app_gets_the_new_name)
{
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	r.request.edits.display_name = "New";
	REQUIRE_OK(resign(&r, &err), &err);
	check_info(&r, "Out.app", "CFBundleDisplayName", "New");
	check_info(&r, "Out.app/PlugIns/Share.appex", "CFBundleDisplayName", "Share");
	check_info(&r, "Out.app/Watch/W.app", "CFBundleDisplayName", "(none)");
}

/* ---- the form of the list ---- */

/* Both forms: what is new is new, all else is as it was. */
static void check_form(bool binary)
{
	AUTO(resign_free) struct resign r = { 0 };
	AUTO(buf_free) struct buf first = BUF_INIT(MAX_FILE);
	AUTO(buf_free) struct buf in = BUF_INIT(MAX_FILE);
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_FILE);
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &app_only, &err), &err);
	AUTO(drop_pl) struct pl *old = info_of(&r, "App.app", &first);
	pl_set(old, "X-Date", pl_new_date(1700000000));
	pl_set(old, "X-Data", pl_new_data(slice_str("\x01\x02")));
	pl_set(old, "X-Real", pl_new_real(0.5));
	REQUIRE_OK(binary ? pl_write_binary(&in, old, &err)
	                  : pl_write_xml(&in, old, &err),
	           &err);
	REQUIRE_OK(fixture_put(&r.f, "App.app/Info.plist", buf_slice(&in), 0644, &err),
	           &err);
	r.request.edits.bundle_id = NEW_ID;
	r.request.edits.build = "2";
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	AUTO(drop_pl) struct pl *new = info_of(&r, "Out.app", &out);
	CHECK(pl_is_binary(buf_slice(&out)) == binary);
	pl_set(old, "CFBundleIdentifier", pl_new_string(NEW_ID));
	pl_set(old, "CFBundleVersion", pl_new_string("2"));
	CHECK(new != NULL &&pl_equal(old, new));
}

TEST(a_property_list_keeps_its_form_and_the_rest_of_it)
{
	check_form(true);
	check_form(false);
}

TEST(a_list_that_does_not_change_keeps_its_bytes)
{
	AUTO(resign_free) struct resign r = { 0 };
	AUTO(buf_free) struct buf in = BUF_INIT(MAX_FILE);
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_FILE);
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &app_only, &err), &err);
	r.request.edits.bundle_id = GOOD_APP_ID;
	r.request.edits.version = "1.0";
	r.request.edits.build = "1";
	REQUIRE_OK(resign(&r, &err), &err);
	AUTO(drop_pl) struct pl *before = info_of(&r, "App.app", &in);
	AUTO(drop_pl) struct pl *after = info_of(&r, "Out.app", &out);
	CHECK(slice_equal(buf_slice(&in), buf_slice(&out)));
}

/* ---- removing ---- */

/* Remove by one pattern; then what is there no more, and what still is. */
static void check_removed(const char *pattern, const char *gone, const char *stays)
{
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	r.request.edits.removals = &pattern;
	r.request.edits.removal_count = 1;
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	if (!CHECK(!is_there(&r, gone)))
		printf("# %s: %s is there\n", pattern, gone);
	CHECK(is_there(&r, stays));
	CHECK(is_there(&r, "Out.app/Frameworks/Kit.framework/Kit"));
}

TEST(removes_by_name_by_path_and_by_id)
{
	check_removed("Share.appex", "Out.app/PlugIns", "Out.app/Watch/W.app/W");
	check_removed("PlugIns/*", "Out.app/PlugIns", "Out.app/Watch/W.app/W");
	/* and what is inside of it, whatever that is called */
	check_removed("W.app", "Out.app/Watch", "Out.app/PlugIns/Share.appex/Share");
	check_removed("Watch/*", "Out.app/Watch", "Out.app/PlugIns/Share.appex/Share");
	check_removed("*.Clip", "Out.app/AppClips", "Out.app/Watch/W.app/W");
	check_removed(GOOD_APP_ID ".sh?re", "Out.app/PlugIns",
	              "Out.app/AppClips/Clip.app/Clip");
	check_removed("*", "Out.app/Watch", "Out.app/App");
}

TEST(what_stays_beside_it_keeps_the_folder)
{
	AUTO(resign_free) struct resign r = { 0 };
	static const char *const pattern = "Share.appex";
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	REQUIRE_OK(fixture_put(&r.f, "App.app/PlugIns/kept.txt", slice_str("x"), 0644,
	                       &err),
	           &err);
	r.request.edits.removals = &pattern;
	r.request.edits.removal_count = 1;
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
	CHECK(is_there(&r, "Out.app/PlugIns/kept.txt"));
	CHECK(!is_there(&r, "Out.app/PlugIns/Share.appex"));
}

TEST(what_is_removed_need_not_be_sound)
{
	AUTO(resign_free) struct resign r = { 0 };
	static const char *const pattern = "Share.appex";
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	REQUIRE_OK(fixture_put(&r.f, "App.app/PlugIns/Share.appex/Share",
	                       slice_str("no code"), 0755, &err),
	           &err);
	check_plan_refused(&r.f, &r.request, ERROR_FORMAT, "is broken", "bundle.");
	r.request.edits.removals = &pattern;
	r.request.edits.removal_count = 1;
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
}

TEST(a_pattern_that_fits_nothing_says_what_is_there)
{
	/* libraries are needed to run the app, and the app is no part of itself */
	static const char *const patterns[] = { "Shar.appex", "Kit.framework",
		                                "*libx.dylib", GOOD_APP_ID };
	AUTO(resign_free) struct resign r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &nothing_unusual, &err), &err);
	r.request.edits.removal_count = 1;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		r.request.edits.removals = &patterns[i];
		check_plan_refused(&r.f, &r.request, ERROR_USAGE, patterns[i],
		                   "PlugIns/Share.appex (" GOOD_APP_ID ".share)");
	}
	/* of many apps, some may lack it */
	r.request.is_one_of_many = true;
	REQUIRE_OK(resign(&r, &err), &err);
	check_admitted(r.f.out);
}

/* ---- archives ---- */

static const char archive_info[] =
	"<plist version=\"1.0\"><dict><key>ArchiveVersion</key><integer>2</integer>"
	"<key>ApplicationProperties</key><dict><key>CFBundleIdentifier</key>"
	"<string>" GOOD_APP_ID "</string><key>CFBundleVersion</key><string>1</string>"
	"<key>SigningIdentity</key><string>Nobody</string></dict></dict></plist>";

TEST(an_archive_says_of_its_app_what_the_app_says)
{
	AUTO(resign_free) struct resign r = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_FILE);
	struct error err = { 0 };

	REQUIRE_OK(resign_make(&r, &app_only, &err), &err);
	AUTO(drop_str) char *app = r.f.in;
	r.f.in = scratch_path(&r.f.folder, "X.xcarchive");
	drop_str(&r.f.out);
	r.f.out = scratch_path(&r.f.folder, "Y.xcarchive");
	REQUIRE_OK(fixture_put(&r.f, "X.xcarchive/Info.plist", slice_str(archive_info),
	                       0644, &err) &&
	                   fixture_put(&r.f, "X.xcarchive/Products/Applications/x",
	                               slice_str(""), 0644, &err),
	           &err);
	AUTO(drop_str)
	char *inside =
		scratch_path(&r.f.folder, "X.xcarchive/Products/Applications/App.app");
	REQUIRE(rename(app, inside) == 0);
	r.request.edits.bundle_id = NEW_ID;
	r.request.edits.build = "9";
	r.request.edits.version = "3.0";
	REQUIRE_OK(resign(&r, &err), &err);
	AUTO(drop_pl) struct pl *info = info_of(&r, "Y.xcarchive", &bytes);
	const struct pl *properties = pl_get(info, "ApplicationProperties");
	CHECK_STR(pl_string(properties, "CFBundleIdentifier"), NEW_ID);
	CHECK_STR(pl_string(properties, "CFBundleVersion"), "9");
	/* what it did not say it does not say now */
	CHECK(pl_get(properties, "CFBundleShortVersionString") == NULL);
	CHECK_STR(pl_string(properties, "SigningIdentity"), team.distribution.cert.cn);
	CHECK(pl_int(info, "ArchiveVersion", 0) == 2);
	check_info(&r, "Y.xcarchive/Products/Applications/App.app",
	           "CFBundleIdentifier", NEW_ID);
	/* without an identity it still says which app it is */
	struct sign_edits edits = r.request.edits;
	r.request = test_team_request(&team, NULL, NULL, 0);
	r.request.edits = edits;
	drop_str(&r.f.out);
	r.f.out = scratch_path(&r.f.folder, "Z.xcarchive");
	REQUIRE_OK(resign(&r, &err), &err);
	bytes.n = 0;
	AUTO(drop_pl) struct pl *adhoc = info_of(&r, "Z.xcarchive", &bytes);
	properties = pl_get(adhoc, "ApplicationProperties");
	CHECK_STR(pl_string(properties, "CFBundleIdentifier"), NEW_ID);
	CHECK_STR(pl_string(properties, "SigningIdentity"), "Nobody");
}
