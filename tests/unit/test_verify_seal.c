/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on seals: every file as it was sealed (spec codesign.md 6.5, 9.2 i).
 * Numbers are cases of section 11.
 */
#include <stdio.h>

#include "codesign/resources.h"
#include "support/forge.h"
#include "support/harness.h"
#include "util/mem.h"

#define CODE_RESOURCES "_CodeSignature/CodeResources"

/* ---- files ---- */

static void change_data(struct forge *f)
{
	forge_flip(f, "data.bin", 0);
}

static void remove_data(struct forge *f)
{
	forge_remove(f, "data.bin");
}

static void remove_german(struct forge *f)
{
	forge_remove(f, "de.lproj/Main.strings");
}

static void remove_base(struct forge *f)
{
	forge_remove(f, "Base.lproj/Main.strings");
}

static void remove_nested_base(struct forge *f)
{
	forge_remove(f, "PlugIns/Share.appex/Base.lproj/Main.strings");
}

static void add_evil(struct forge *f)
{
	forge_put(f, "evil.txt", "x");
}

static void add_what_is_left_out(struct forge *f)
{
	forge_put(f, ".DS_Store", "x");
	forge_put(f, "de.lproj/.DS_Store", "x");
	forge_put(f, "de.lproj/locversion.plist", "x");
	forge_put_bytes(f, "SC_Info/App.sinf", slice_of("\0\0\0\x08sinf", 8));
	forge_put(f, "PlugIns/Share.appex/SC_Info/Share.supp", "x");
	forge_put(f, "_CodeSignature/other", "x");
}

static void change_package_info(struct forge *f)
{
	forge_put(f, "PkgInfo", "BNDL????");
}

static void add_below_store_keys(struct forge *f)
{
	forge_put(f, "SC_Info/deep/evil", "x");
}

static void add_beside_store_keys(struct forge *f)
{
	forge_put(f, "XSC_Info/evil", "x");
}

static void add_finder_link(struct forge *f)
{
	forge_link(f, ".DS_Store", "data.bin");
}

TEST(a_changed_file_is_found)
{
	/* 2 */
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .text = "data.bin: other bytes",
	                                 .after = change_data });
	/* PkgInfo is in no list (6.4) */
	check_case(&(struct forge_case){ .after = change_package_info });
}

TEST(a_missing_file_is_found_unless_it_is_optional)
{
	/* 3, 4, 5 */
	check_case(&(struct forge_case){ .reason = "seal.missing",
	                                 .text = "data.bin: gone",
	                                 .after = remove_data });
	check_case(&(struct forge_case){ .after = remove_german });
	check_case(&(struct forge_case){ .reason = "seal.missing",
	                                 .text = "Base.lproj/Main.strings",
	                                 .after = remove_base });
	/* for the app around it this one is optional, for the extension not (6.4) */
	check_case(&(struct forge_case){ .reason = "seal.missing",
	                                 .bundle = "PlugIns/Share.appex",
	                                 .after = remove_nested_base });
}

TEST(an_added_file_is_found_unless_the_rules_leave_it_out)
{
	/* 6, 7 */
	check_case(&(struct forge_case){
		.reason = "seal.added", .text = "evil.txt", .after = add_evil });
	check_case(&(struct forge_case){ .after = add_what_is_left_out });
	check_case(&(struct forge_case){ .reason = "seal.added",
	                                 .after = add_below_store_keys });
	check_case(&(struct forge_case){ .reason = "seal.added",
	                                 .after = add_beside_store_keys });
	/* a link of the Finder's name is none of the Finder's files (6.3) */
	check_case(&(struct forge_case){ .reason = "seal.added",
	                                 .text = ".DS_Store",
	                                 .after = add_finder_link });
}

/* What reports are for is the first of them: 20 of a kind are enough. */
static void add_many(struct forge *f)
{
	for (int i = 0; i < 25; i++) {
		char name[16];

		snprintf(name, sizeof name, "evil%d", i);
		forge_put(f, name, "x");
	}
}

TEST(a_broken_seal_is_reported_twenty_times_at_most)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct forge_case how = { .after = add_many,
		                        .app = { .app_only = true } };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	REQUIRE_OK(forge_judge(&v, &f, &err), &err);
	CHECK(v.findings.count == 20);
}

/* ---- symlinks ---- */

static void retarget(struct forge *f)
{
	forge_link(f, "latest.bin", "PkgInfo");
}

static void link_to_file(struct forge *f)
{
	forge_remove(f, "latest.bin");
	forge_put(f, "latest.bin", "some data");
}

static void file_to_link(struct forge *f)
{
	forge_remove(f, "data.bin");
	forge_put(f, "same.bin", "some data");
	forge_link(f, "data.bin", "PkgInfo");
}

TEST(a_symlink_is_sealed_as_one)
{
	/* 8 */
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .text = "symlink to another place",
	                                 .after = retarget });
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .text = "a file instead of a symlink",
	                                 .after = link_to_file });
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .text = "a symlink instead of a file",
	                                 .also = { "seal.added" },
	                                 .after = file_to_link });
}

/* ---- Info.plist, CodeResources ---- */

static void change_version(struct forge *f)
{
	forge_info(f, "Info.plist", "CFBundleVersion", pl_new_string("2"));
}

static void respell_resources(struct forge *f)
{
	AUTO(buf_free) struct buf text = BUF_INIT(FORGE_MAX_FILE);
	struct error err = { 0 };

	forge_read(&text, f, CODE_RESOURCES);
	CHECK(buf_append_str(&text, "\n", &err));
	forge_put_bytes(f, CODE_RESOURCES, buf_slice(&text));
}

static void remove_resources(struct forge *f)
{
	forge_remove(f, CODE_RESOURCES);
}

static void break_resources(struct forge *f)
{
	forge_put(f, CODE_RESOURCES, "<plist><dict><key>files2</key>");
}

static void sign_no_resources(struct forge_code *c)
{
	c->absent = FORGE_SLOT(SLOT_RESOURCES);
}

static void sign_no_info(struct forge_code *c)
{
	c->absent = FORGE_SLOT(SLOT_INFO);
}

TEST(info_plist_is_the_one_that_was_signed)
{
	/* 10 */
	check_case(&(struct forge_case){ .reason = "seal.infoplist",
	                                 .text = "other bytes",
	                                 .after = change_version });
	check_case(&(struct forge_case){ .reason = "seal.infoplist",
	                                 .text = "was not signed",
	                                 .plan = sign_no_info });
	check_case(&(struct forge_case){ .reason = "seal.infoplist",
	                                 .at = "Frameworks/Kit.framework",
	                                 .plan = sign_no_info });
}

TEST(code_resources_is_the_one_that_was_signed)
{
	/* 11 */
	check_case(&(struct forge_case){ .reason = "slot.resources-mismatch",
	                                 .text = "other bytes",
	                                 .after = respell_resources });
	check_case(&(struct forge_case){ .reason = "slot.resources-mismatch",
	                                 .text = "was not signed",
	                                 .plan = sign_no_resources });
	check_case(&(struct forge_case){ .reason = "slot.resources-mismatch",
	                                 .also = { "seal.malformed" },
	                                 .after = break_resources });
}

TEST(a_bundle_without_a_seal_is_refused_also_where_none_was_signed)
{
	check_case(&(struct forge_case){ .reason = "seal.absent",
	                                 .after = remove_resources });
	check_case(&(struct forge_case){ .reason = "seal.absent",
	                                 .plan = sign_no_resources,
	                                 .after = remove_resources });
}

/* ---- what CodeResources says ---- */

static struct pl *member(struct pl *root, const char *key)
{
	for (size_t i = 0; i < root->count; i++)
		if (strcmp(root->keys[i], key) == 0)
			return root->items[i];
	test_fail(__FILE__, __LINE__, key);
	return NULL;
}

static void no_rules(struct pl *root)
{
	pl_remove(root, "rules2");
}

static void odd_rules(struct pl *root)
{
	pl_set(member(root, "rules2"), "((", pl_new_bool(true));
}

static void odd_hash(struct pl *root)
{
	pl_set(member(root, "files2"), "data.bin", pl_new_data(slice_str("short")));
}

static void no_hash(struct pl *root)
{
	pl_set(member(root, "files2"), "data.bin", pl_new_dict());
}

/* The one hash right, the other wrong. */
static void two_hashes(struct pl *root)
{
	struct pl *entry = member(member(root, "files2"), "data.bin");

	pl_set(entry, "hash", pl_new_data(slice_str("twenty bytes of hash")));
}

TEST(a_seal_that_cannot_be_used_is_refused)
{
	check_case(&(struct forge_case){
		.reason = "seal.malformed", .text = "none", .seal = no_rules });
	check_case(&(struct forge_case){ .reason = "seal.malformed",
	                                 .text = "does not close",
	                                 .seal = odd_rules });
	check_case(&(struct forge_case){
		.reason = "seal.malformed", .text = "wrong size", .seal = odd_hash });
}

TEST(every_hash_of_an_entry_counts_and_one_is_needed)
{
	check_case(&(struct forge_case){
		.reason = "seal.modified", .text = "no hash", .seal = no_hash });
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .text = "data.bin: other bytes",
	                                 .seal = two_hashes });
}

static void old_form(struct pl *root)
{
	pl_remove(root, "files2");
	pl_remove(root, "rules2");
}

static void omit_a_folder(struct pl *root)
{
	struct pl *rule = pl_new_dict();

	pl_set(rule, "omit", pl_new_bool(true));
	pl_set(rule, "weight", pl_new_real(3000));
	pl_set(member(root, "rules2"), "^Cache/", rule);
}

static void omit_bluntly(struct pl *root)
{
	pl_set(member(root, "rules2"), "^nothing-here$", pl_new_bool(false));
}

static void cover_little(struct pl *root)
{
	pl_remove(member(root, "rules2"), "^.*");
}

static void cover_nothing(struct pl *root)
{
	pl_set(member(root, "rules2"), "^.*", pl_new_bool(false));
}

/* As Xcode 9 wrote it (6.2). */
static void old_rules(struct pl *root)
{
	pl_set(root, "rules", resource_default_rules(RESOURCES_FLAT_OLD));
	pl_set(root, "rules2", resource_default_rules2(RESOURCES_FLAT_OLD));
}

TEST(weak_seals_are_noted)
{
	/* the old list has no symlinks: that is not a fault of the app */
	check_case(&(struct forge_case){
		.noted = "seal.weak", .text = "files only", .seal = old_form });
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .noted = "seal.weak",
	                                 .seal = old_form,
	                                 .after = change_data });
	check_case(&(struct forge_case){ .reason = "seal.missing",
	                                 .noted = "seal.weak",
	                                 .seal = old_form,
	                                 .after = remove_data });
	check_case(&(struct forge_case){ .reason = "seal.added",
	                                 .noted = "seal.weak",
	                                 .seal = old_form,
	                                 .after = add_evil });
	check_case(&(struct forge_case){
		.noted = "seal.weak", .text = "^Cache/", .seal = omit_a_folder });
	check_case(&(struct forge_case){
		.noted = "seal.weak", .text = "^nothing-here$", .seal = omit_bluntly });
	check_case(&(struct forge_case){
		.noted = "seal.weak", .text = "rules for some", .seal = cover_little });
	check_case(&(struct forge_case){ .noted = "seal.weak",
	                                 .text = "leaves out ^.*",
	                                 .seal = cover_nothing });
}

static bool is_noted(const struct forge_case *how, const char *rule)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	struct error err = { 0 };

	bool ok = forge_make(&f, how, &err) && forge_judge(&v, &f, &err);
	return test_ok(ok, &err, __FILE__, __LINE__, "is_noted") &&
	       findings_has(&v.findings, rule);
}

TEST(apples_own_rules_old_and_new_are_not_weak)
{
	check_case(&(struct forge_case){ .seal = old_rules });
	CHECK(!is_noted(&(struct forge_case){ .seal = old_rules }, "seal.weak"));
	CHECK(!is_noted(&(struct forge_case){ 0 }, "seal.weak"));
}

/* ---- nested code sealed by its code directory ---- */

#define KIT "Frameworks/Kit.framework"

static const unsigned char wrong_cdhash[CODEDIR_CDHASH_BYTES] = { 1 };

static void nest(struct pl *root, const char *path, struct slice cdhash)
{
	struct pl *files = member(root, "files2"), *entry = pl_new_dict();
	AUTO(drop_str) char *below = mem_format("%s/", path);

	for (size_t i = files->count; i-- > 0;)
		if (strncmp(files->keys[i], below, strlen(below)) == 0)
			pl_remove(files, files->keys[i]);
	pl_set(entry, "cdhash", pl_new_data(cdhash));
	pl_set(entry, "requirement", pl_new_string("anchor apple generic"));
	pl_set(files, path, entry);
}

static void nest_wrong(struct pl *root)
{
	nest(root, KIT, slice_of(wrong_cdhash, sizeof wrong_cdhash));
}

/* Of the framework; without signed code in it, it is the same each time. */
static unsigned char kit_cdhash[CODEDIR_CDHASH_BYTES];

static void note_cdhash(struct buf *superblob)
{
	struct error err = { 0 };
	struct signature s;

	if (CHECK(signature_parse(&s, buf_slice(superblob), &err)))
		codedir_cdhash(kit_cdhash, &s.cds.cds[0]);
}

static void nest_right(struct pl *root)
{
	nest(root, KIT, slice_of(kit_cdhash, sizeof kit_cdhash));
}

static void nest_missing(struct pl *root)
{
	nest(root, "Frameworks/Gone.framework",
	     slice_of(wrong_cdhash, sizeof wrong_cdhash));
}

static void nest_resources(struct pl *root)
{
	nest(root, "de.lproj", slice_of(wrong_cdhash, sizeof wrong_cdhash));
}

static void empty_kit(struct forge *f)
{
	forge_remove(f, KIT "/libinner.dylib");
}

static void check_nested(void (*seal)(struct pl *), const char *reason,
                         const char *text)
{
	AUTO(forge_free) struct forge kit = { 0 };
	const struct forge_case first = { .at = KIT,
		                          .before = empty_kit,
		                          .blob = note_cdhash };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&kit, &first, &err), &err);
	check_case(&(struct forge_case){
		.reason = reason, .text = text, .before = empty_kit, .seal = seal });
}

TEST(nested_code_in_a_seal_is_the_code_that_is_there)
{
	check_nested(nest_right, NULL, NULL);
	check_nested(nest_wrong, "seal.modified", KIT ": other code");
	check_nested(nest_missing, "seal.missing", "Gone.framework: gone");
	/* a folder of resources may not hide behind such an entry */
	check_nested(nest_resources, "seal.modified", "de.lproj: no code");
}
