/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seals: which files the rules cover, the file written and read (spec codesign.md 6).
 */
#include <math.h>
#include <stdlib.h>

#include "codesign/resource_pattern.h"
#include "codesign/resources.h"
#include "support/harness.h"
#include "util/mem.h"

#define FILE_MAX ((size_t)1 << 20)

/* ---- rules ---- */

struct fate {
	const char *path;
	char what; /* s: sealed, o: sealed but optional, -: left out, n: nested */
};

static char fate_of(const struct resource_rules *rules, const char *path)
{
	struct resource_match match = { 0 };

	if (!resource_rules_match(&match, rules, path) || match.omit)
		return '-';
	if (match.nested)
		return 'n';
	return match.optional ? 'o' : 's';
}

static void check_fates(struct pl *plist, const struct fate *fates, size_t n)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *owned = plist;
	AUTO(drop_resource_rules) struct resource_rules *rules = NULL;

	REQUIRE_OK(resource_rules_new(&rules, owned, &err), &err);
	for (size_t i = 0; i < n; i++)
		if (!CHECK(fate_of(rules, fates[i].path) == fates[i].what))
			printf("# %s: %c\n", fates[i].path,
			       fate_of(rules, fates[i].path));
}

TEST(flat_bundles_seal_what_the_default_rules_say)
{
	static const struct fate v2[] = {
		{ "data.bin", 's' },
		{ "Info.plist", '-' },
		{ "PkgInfo", '-' },
		{ "xInfo.plist", 's' },
		{ "Info.plistx", 's' },
		{ "InfoXplist", 's' },
		{ "PlugIns/A.appex/Info.plist", 's' },
		{ "PlugIns/A.appex/PkgInfo", 's' },
		{ ".DS_Store", '-' },
		{ "a/.DS_Store", '-' },
		{ "de.lproj/.DS_Store", '-' },
		{ "a.DS_Store", 's' },
		{ "de.lproj/a.strings", 'o' },
		{ "a/b.lproj/c/d", 'o' },
		{ "de.lproj", 's' },
		{ "dexlproj/a", 's' },
		{ "Base.lproj/a.strings", 's' },
		{ "a/Base.lproj/a.strings", 'o' },
		{ "PlugIns/A.appex/Base.lproj/a.strings", 'o' },
		{ "de.lproj/locversion.plist", '-' },
		{ "Base.lproj/locversion.plist", '-' },
		{ "de.lproj/locversionxplist", '-' }, /* the dot is any byte */
		{ "de.lproj/a/locversion.plist", 'o' },
		{ "embedded.mobileprovision", 's' },
		{ "embedded.provisionprofile", 's' },
		{ "version.plist", 's' },
		{ "a.dSYM", 's' },
		{ "a.dSYM/x", 's' },
		{ "a.lproj/x.dSYM/y", 'o' },
		{ "Frameworks/A.framework/A", 's' },
	};
	static const struct fate v1[] = {
		{ "data.bin", 's' },
		{ "Info.plist", 's' },
		{ "PkgInfo", 's' },
		{ ".DS_Store", 's' },
		{ "de.lproj/a", 'o' },
		{ "Base.lproj/a", 's' },
		{ "de.lproj/locversion.plist", '-' },
		{ "version.plist", 's' },
	};

	check_fates(resource_default_rules2(RESOURCES_FLAT), v2, ARRAY_LEN(v2));
	check_fates(resource_default_rules(RESOURCES_FLAT), v1, ARRAY_LEN(v1));
}

/* "^" weighs 20 there, as much as what omits Info.plist: omitting wins (6.2). */
TEST(old_flat_bundles_have_ties)
{
	static const struct fate v2[] = {
		{ "data.bin", 's' },        { "Info.plist", '-' },
		{ "PkgInfo", '-' },         { "Frameworks/A.framework/A", 's' },
		{ "PlugIns/A.appex", 's' }, { "de.lproj/a", 'o' },
		{ "Base.lproj/a", 's' },    { "x/.DS_Store", '-' },
	};
	static const struct fate v1[] = { { "Info.plist", 's' }, { "x/y", 's' } };

	check_fates(resource_default_rules2(RESOURCES_FLAT_OLD), v2, ARRAY_LEN(v2));
	check_fates(resource_default_rules(RESOURCES_FLAT_OLD), v1, ARRAY_LEN(v1));
}

TEST(deep_bundles_have_nested_code)
{
	static const struct fate v2[] = {
		{ "Info.plist", '-' },
		{ "PkgInfo", '-' },
		{ "MacOS/tool", 'n' },
		{ "Frameworks/A.framework", 'n' },
		{ "Library/LoginItems/x", 'n' },
		{ "Library/Other/x", 's' },
		{ "tool", 'n' },
		{ "Resources/x", 's' },
		{ "Resources/de.lproj/x", 'o' },
		{ "Resources/a/de.lproj/x", 'o' },
		{ "Resources/Base.lproj/x", 's' },
		{ "Resources/de.lproj/locversion.plist", '-' },
		{ "embedded.provisionprofile", 's' },
		{ "version.plist", 's' },
	};
	static const struct fate v1[] = {
		{ "Resources/x", 's' },
		{ "Resources/de.lproj/x", 'o' },
		{ "version.plist", 's' },
		{ "MacOS/tool", '-' }, /* no rule: not sealed */
	};

	check_fates(resource_default_rules2(RESOURCES_DEEP), v2, ARRAY_LEN(v2));
	check_fates(resource_default_rules(RESOURCES_DEEP), v1, ARRAY_LEN(v1));
}

static struct pl *rule(const char *flag, struct pl *weight)
{
	struct pl *dict = pl_new_dict();

	if (flag != NULL)
		pl_set(dict, flag, pl_new_bool(true));
	if (weight != NULL)
		pl_set(dict, "weight", weight);
	return dict;
}

TEST(the_heaviest_rule_decides)
{
	static const struct fate fates[] = {
		{ "plain", 's' },  { "omit", '-' },     { "light", 's' },
		{ "heavy", 'o' },  { "tie-a", '-' },    { "tie-b", '-' },
		{ "same-1", 'o' }, { "negative", 's' }, { "other", '-' },
		{ "half", 'o' },
	};
	struct pl *rules = pl_new_dict();

	/* bare true and a dictionary without a weight weigh 1 */
	pl_set(rules, "^plain", pl_new_bool(true));
	pl_set(rules, "^omit", pl_new_bool(false));
	pl_set(rules, "^light", rule(NULL, NULL));
	pl_set(rules, "^ligh", rule("optional", pl_new_real(0.5)));
	pl_set(rules, "^heavy", rule("optional", pl_new_int(2)));
	pl_set(rules, "^heav", pl_new_bool(true));
	/* of equals the one that omits, wherever it stands */
	pl_set(rules, "^tie-a", rule("omit", pl_new_real(5)));
	pl_set(rules, "^tie", rule("optional", pl_new_real(5)));
	pl_set(rules, "^tie-b", rule("omit", pl_new_real(5)));
	/* else the first */
	pl_set(rules, "^same-1", rule("optional", pl_new_real(7)));
	pl_set(rules, "^same", rule(NULL, pl_new_real(7)));
	pl_set(rules, "^negative", pl_new_bool(true));
	pl_set(rules, "^negativ", rule("omit", pl_new_real(-3)));
	pl_set(rules, "^hal", rule(NULL, pl_new_real(1.25)));
	pl_set(rules, "^half", rule("optional", pl_new_real(1.5)));
	check_fates(rules, fates, ARRAY_LEN(fates));
}

TEST(false_flags_are_no_flags)
{
	static const struct fate fates[] = { { "a", 's' } };
	struct pl *rules = pl_new_dict();
	struct pl *dict = pl_set(rules, "a", pl_new_dict());

	pl_set(dict, "omit", pl_new_bool(false));
	pl_set(dict, "optional", pl_new_bool(false));
	pl_set(dict, "nested", pl_new_bool(false));
	check_fates(rules, fates, ARRAY_LEN(fates));
}

TEST(refuses_rules_that_are_none)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *list = pl_new_array();
	AUTO(drop_resource_rules) struct resource_rules *rules = NULL;
	struct {
		const char *pattern, *why;
		struct pl *value;
	} cases[] = {
		{ "a{1000}{1000}", "counts repetitions", pl_new_bool(true) },
		{ "(a)\\1", "refers back", pl_new_bool(true) },
		{ "(", "does not close", pl_new_bool(true) },
		{ "a", "neither a boolean nor a dictionary", pl_new_string("true") },
		{ "a", "weight that is no number", rule(NULL, pl_new_string("5")) },
		{ "a", "weight that is no number", rule(NULL, pl_new_real(NAN)) },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *plist = pl_new_dict();

		pl_set(plist, "^good", pl_new_bool(true));
		pl_set(plist, cases[i].pattern, cases[i].value);
		CHECK_FAILS(resource_rules_new(&rules, plist, &err), &err, ERROR_FORMAT,
		            cases[i].why);
		CHECK(rules == NULL);
	}
	CHECK_FAILS(resource_rules_new(&rules, list, &err), &err, ERROR_FORMAT,
	            "not a dictionary");
}

TEST(limits_the_number_and_the_size_of_rules)
{
	for (size_t more = 0; more < 2; more++) {
		struct error err = { 0 };
		AUTO(drop_pl) struct pl *many = pl_new_dict();
		AUTO(drop_pl) struct pl *large = pl_new_dict();
		AUTO(drop_resource_rules) struct resource_rules *a = NULL;
		AUTO(drop_resource_rules) struct resource_rules *b = NULL;
		char pattern[RESOURCE_PATTERN_MAX + 1] = "";

		for (size_t i = 0; i < RESOURCES_MAX_RULES + more; i++) {
			snprintf(pattern, sizeof pattern, "^%zu", i);
			pl_set(many, pattern, pl_new_bool(true));
		}
		bool ok = resource_rules_new(&a, many, &err);
		CHECK(ok == (more == 0) && (ok || err.code == ERROR_LIMIT));
		error_clear(&err);
		memset(pattern, 'a', RESOURCE_PATTERN_MAX);
		for (size_t i = 0; i < RESOURCES_MAX_PATTERNS / RESOURCE_PATTERN_MAX;
		     i++) {
			pattern[0] = (char)('b' + i);
			pl_set(large, pattern, pl_new_bool(true));
		}
		if (more > 0)
			pl_set(large, "z", pl_new_bool(true));
		ok = resource_rules_new(&b, large, &err);
		CHECK(ok == (more == 0) && (ok || err.code == ERROR_LIMIT));
	}
}

TEST(leaves_out_the_seal_itself_and_the_executable)
{
	CHECK(resource_is_excluded("_CodeSignature", "App"));
	CHECK(resource_is_excluded("_CodeSignature/CodeResources", "App"));
	CHECK(resource_is_excluded("CodeResources", "App"));
	CHECK(resource_is_excluded("_MASReceipt/receipt", "App"));
	CHECK(resource_is_excluded("App", "App"));
	CHECK(!resource_is_excluded("_CodeSignatures", "App"));
	CHECK(!resource_is_excluded("_CodeSig", "App"));
	CHECK(!resource_is_excluded("CodeResources2", "App"));
	CHECK(!resource_is_excluded("App2", "App"));
	CHECK(!resource_is_excluded("App/x", "App"));
	CHECK(!resource_is_excluded("app", "App"));
	CHECK(!resource_is_excluded("PlugIns/_CodeSignature/x", "App"));
	CHECK(!resource_is_excluded("App", NULL));
	CHECK(!resource_is_excluded("", ""));
}

/* ---- the file ---- */

static struct resource_file regular(const char *path, unsigned char byte)
{
	struct resource_file f = { .path = path, .has_sha1 = true, .has_sha256 = true };

	memset(f.sha1, byte, sizeof f.sha1);
	memset(f.sha256, byte + 1, sizeof f.sha256);
	return f;
}

static const unsigned char cdhash[20] = "cdhash-of-20-bytes!";

static void build(struct buf *out, bool sha1, bool sha256)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *rules = resource_default_rules(RESOURCES_FLAT);
	AUTO(drop_pl) struct pl *rules2 = resource_default_rules2(RESOURCES_FLAT);
	const struct resource_file files[] = {
		regular("z", 'a'),
		regular("Info.plist", 'b'),
		regular("de.lproj/x", 'c'),
		regular("de.lproj/locversion.plist", 'd'),
		{ .path = "link", .link_target = "z" },
		{ .path = "de.lproj/link", .link_target = "x" },
		{ .path = "Nested", .cdhash = cdhash, .requirement = "always" },
	};

	REQUIRE_OK(resources_build(out, files, ARRAY_LEN(files), rules, rules2, sha1,
	                           sha256, &err),
	           &err);
}

static void check_entry(const struct resources *r, const char *path, bool sha1,
                        bool sha256, bool optional)
{
	const struct resource_entry *e = resources_find(r, path);

	CHECK(e != NULL);
	if (e == NULL) {
		printf("# %s\n", path);
		return;
	}
	CHECK(e->optional == optional);
	CHECK((e->sha1.n == 20) == sha1 && (e->sha256.n == 32) == sha256);
}

/* v1: regular files only, always SHA-1. */
static void check_v1(const struct resources *r)
{
	static const char *const paths[] = { "Info.plist", "de.lproj/x", "z" };

	REQUIRE(r->v1_count == ARRAY_LEN(paths));
	for (size_t i = 0; i < r->v1_count; i++) {
		const struct resource_entry *e = &r->v1_entries[i];

		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): the list is filled */
		CHECK_STR(e->path, paths[i]);
		CHECK(e->sha1.n == 20 && e->sha256.n == 0);
		CHECK(e->optional == (i == 1));
	}
}

/* What has no hashes: links and nested code. */
static void check_others(const struct resources *r)
{
	const struct resource_entry *link = resources_find(r, "link");
	const struct resource_entry *optional = resources_find(r, "de.lproj/link");
	const struct resource_entry *nested = resources_find(r, "Nested");

	CHECK(link != NULL && optional != NULL && nested != NULL);
	if (link == NULL || optional == NULL || nested == NULL)
		return;
	REQUIRE(link->link_target != NULL && nested->requirement != NULL);
	CHECK_STR(link->link_target, "z");
	CHECK(!link->optional && link->sha1.n == 0 && link->sha256.n == 0);
	CHECK(optional->optional);
	CHECK(slice_equal(nested->cdhash, slice_of(cdhash, 20)));
	CHECK_STR(nested->requirement, "always");
}

TEST(lists_each_kind_of_file_with_the_digests_of_the_signature)
{
	for (int digests = 1; digests <= 3; digests++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf file = BUF_INIT(FILE_MAX);
		AUTO(resources_free) struct resources r = { 0 };
		bool sha1 = digests != 2, sha256 = digests != 1;

		build(&file, sha1, sha256);
		REQUIRE_OK(resources_parse(&r, buf_slice(&file), &err), &err);
		CHECK(!r.is_v1_only && r.rules != NULL && r.v1_rules != NULL);
		CHECK(r.count == 5);
		check_entry(&r, "z", sha1, sha256, false);
		check_entry(&r, "de.lproj/x", sha1, sha256, true);
		CHECK(resources_find(&r, "Info.plist") == NULL);
		CHECK(resources_find(&r, "de.lproj/locversion.plist") == NULL);
		check_v1(&r);
		check_others(&r);
	}
}

TEST(sha1_alone_is_listed_bare)
{
	AUTO(buf_free) struct buf file = BUF_INIT(FILE_MAX);
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;

	build(&file, true, false);
	REQUIRE_OK(pl_parse(&root, buf_slice(&file), "it", &err), &err);
	const struct pl *files2 = pl_get(root, "files2");
	CHECK(pl_get_type(files2, "z", PL_DATA) != NULL);
	CHECK(pl_get_type(files2, "de.lproj/x", PL_DICT) != NULL);
	CHECK(pl_get_type(files2, "link", PL_DICT) != NULL);
	CHECK(pl_get_type(pl_get(root, "files"), "de.lproj/x", PL_DICT) != NULL);
}

TEST(needs_the_hash_that_it_lists)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(FILE_MAX);
	AUTO(drop_pl) struct pl *rules = resource_default_rules(RESOURCES_FLAT);
	AUTO(drop_pl) struct pl *rules2 = resource_default_rules2(RESOURCES_FLAT);
	struct resource_file f = regular("x", 'a');

	f.has_sha1 = false;
	CHECK_FAILS(resources_build(&out, &f, 1, rules, rules2, false, true, &err),
	            &err, ERROR_INTERNAL, "\"x\" has no SHA-1");
	CHECK(out.n == 0);
}

/* ---- reading ---- */

static bool parses(const char *inside, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("<plist version=\"1.0\">%s</plist>", inside);
	AUTO(resources_free) struct resources r = { 0 };
	bool ok = resources_parse(&r, slice_str(text), err);

	CHECK(ok || r.root == NULL);
	return ok;
}

#define DATA20 "<data>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</data>"
#define DATA32 "<data>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</data>"
#define FILES2(entry)                                     \
	"<dict><key>files2</key><dict><key>f</key>" entry \
	"</dict><key>rules2</key><dict><key>^</key><true/></dict></dict>"

TEST(reads_entries_and_refuses_odd_ones)
{
	static const struct {
		const char *text, *why; /* NULL: it is read */
	} cases[] = {
		{ FILES2(DATA20), NULL },
		{ FILES2("<dict/>"), NULL },
		{ FILES2("<dict><key>hash</key>" DATA20 "</dict>"), NULL },
		{ FILES2("<dict><key>hash2</key>" DATA32 "</dict>"), NULL },
		{ FILES2("<dict><key>cdhash</key>" DATA20 "</dict>"), NULL },
		{ FILES2(DATA32), "hash of the wrong size" },
		{ FILES2("<data></data>"), "hash of the wrong size" },
		{ FILES2("<string>x</string>"), "neither a hash nor a dictionary" },
		{ FILES2("<dict><key>hash</key>" DATA32 "</dict>"), "wrong size" },
		{ FILES2("<dict><key>hash2</key>" DATA20 "</dict>"), "wrong size" },
		{ FILES2("<dict><key>cdhash</key>" DATA32 "</dict>"), "wrong size" },
		{ FILES2("<dict><key>hash</key><string>x</string></dict>"),
		  "wrong size" },
		{ "<dict><key>files</key><dict><key>f</key><true/></dict></dict>",
		  "neither a hash nor a dictionary" },
		{ "<dict><key>files</key><dict/></dict>", NULL },
		{ "<dict><key>files2</key><dict/></dict>", NULL },
		{ "<dict/>", "lists no files" },
		{ "<dict><key>files2</key><array/></dict>", "lists no files" },
		{ "<array/>", "not a dictionary" },
		{ "<dict><key>files2</key><dict/><key>rules2</key><dict><key>(</key><true/>"
		  "</dict></dict>",
		  "does not close" },
		{ "<dict><key>files</key><dict/><key>rules</key><dict><key>(</key><true/>"
		  "</dict></dict>",
		  "does not close" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		bool ok = parses(cases[i].text, &err);

		if (!CHECK(ok == (cases[i].why == NULL) &&
		           (ok || (err.code == ERROR_FORMAT &&
		                   strstr(err.message, cases[i].why) != NULL))))
			printf("# %s: %s\n", cases[i].text, err.message);
	}
}

TEST(without_files2_the_old_list_counts)
{
	struct error err = { 0 };
	AUTO(resources_free) struct resources r = { 0 };
	static const char text[] =
		"<plist version=\"1.0\"><dict><key>files</key><dict><key>b</key>" DATA20
		"<key>a</key>" DATA20
		"</dict><key>rules</key><dict><key>^a</key><true/>"
		"</dict></dict></plist>";
	struct resource_match match;

	REQUIRE_OK(resources_parse(&r, slice_str(text), &err), &err);
	CHECK(r.is_v1_only && r.count == 2);
	CHECK_STR(r.entries[0].path, "a"); /* sorted */
	CHECK(resources_find(&r, "b") != NULL && resources_find(&r, "c") == NULL);
	CHECK(resource_rules_match(&match, r.rules, "a"));
	CHECK(!resource_rules_match(&match, r.rules, "b"));
	CHECK(r.rules_plist != NULL && r.rules2_plist == NULL);
}

TEST(refuses_a_file_cut_short_at_any_byte)
{
	AUTO(buf_free) struct buf file = BUF_INIT(FILE_MAX);

	build(&file, true, true);
	/* Without the last newline it is whole. */
	for (size_t n = 0; n + 1 < file.n; n++) {
		struct error err = { 0 };
		struct resources r = { 0 };
		unsigned char *cut = mem_zero(n > 0 ? n : 1, 1);

		memcpy(cut, file.p, n);
		if (!CHECK(!resources_parse(&r, slice_of(cut, n), &err)))
			resources_free(&r);
		free(cut);
	}
}

TEST(limits_the_size_of_the_file)
{
	struct error err = { 0 };
	struct resources r = { 0 };
	unsigned char *big = mem_zero(RESOURCES_MAX_BYTES + 1, 1);

	CHECK_FAILS(resources_parse(&r, slice_of(big, RESOURCES_MAX_BYTES + 1), &err),
	            &err, ERROR_LIMIT, "larger than 67108864 bytes");
	CHECK(!resources_parse(&r, slice_of(big, RESOURCES_MAX_BYTES), &err));
	CHECK(err.code == ERROR_FORMAT);
	free(big);
}
